/** How an archive is written. */
export type ArchiveKind = 'tar' | 'tar.zst' | 'folder';

/** What a name says about how the archive is written; one without a known ending is a folder. */
export function archiveKind(path: string): ArchiveKind {
  if (path.endsWith('.tar.zst')) return 'tar.zst';
  return path.endsWith('.tar') ? 'tar' : 'folder';
}
