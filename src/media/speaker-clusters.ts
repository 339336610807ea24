/** Puts voices together that sound alike, one after the other as they are met. */
export interface SpeakerClusters {
  /** Makes a voice known by name before anybody unknown is met. */
  introduce(name: string, embedding: Float32Array): void;
  /** The name of the voice: of the known one that it is most alike, or the next free letter. */
  assign(embedding: Float32Array): string;
}

/** How clusters are told apart. */
export interface ClusterOptions {
  /** Cosine similarity, -1..1, from which two embeddings are the same voice. */
  readonly threshold: number;
  /** Most unknown voices; when they are all taken the most alike one is chosen. */
  readonly most?: number;
}

interface Cluster {
  readonly name: string;
  readonly sum: Float32Array;
}

/** Online clustering by cosine similarity to each voice's mean. Unknown voices are called A, B, … Z, AA, …. */
export function createSpeakerClusters(options: ClusterOptions): SpeakerClusters {
  const clusters: Cluster[] = [];
  let unknown = 0;
  const add = (name: string, embedding: Float32Array): Cluster => {
    const cluster = { name, sum: normalized(embedding) };
    clusters.push(cluster);
    return cluster;
  };
  return {
    introduce: (name, embedding) => void add(name, embedding),
    assign: (embedding) => {
      const unit = normalized(embedding);
      const ranked = clusters
        .map((cluster) => ({ cluster, similarity: cosine(unit, cluster.sum) }))
        .sort((a, b) => b.similarity - a.similarity);
      const best = ranked[0];
      const full = options.most !== undefined && unknown >= options.most;
      if (best && (best.similarity >= options.threshold || full)) {
        unit.forEach((value, index) => {
          best.cluster.sum[index] = (best.cluster.sum[index] ?? 0) + value;
        });
        return best.cluster.name;
      }
      unknown += 1;
      return add(letters(unknown), unit).name;
    },
  };
}

/** 1 is A, 26 is Z, 27 is AA. */
function letters(count: number): string {
  const rest = (count - 1) % 26;
  const name = String.fromCharCode(65 + rest);
  return count > 26 ? letters((count - 1 - rest) / 26) + name : name;
}

function normalized(vector: Float32Array): Float32Array {
  const length = Math.hypot(...vector);
  return length === 0 ? Float32Array.from(vector) : vector.map((value) => value / length);
}

function cosine(unit: Float32Array, other: Float32Array): number {
  let dot = 0;
  let square = 0;
  for (let index = 0; index < unit.length; index += 1) {
    const value = other[index] ?? 0;
    dot += (unit[index] ?? 0) * value;
    square += value * value;
  }
  return square === 0 ? 0 : dot / Math.sqrt(square);
}
