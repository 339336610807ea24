/** What a set of weights is for. */
export type WeightsKind = 'transcription' | 'speech' | 'vad' | 'speaker_segmentation' | 'speaker_embedding';

/** One file of a model. */
export interface WeightsFile {
  /** Path inside the repository, with `/` between folders. */
  readonly path: string;
  /** Name on disk, where it differs from `path`. */
  readonly saveAs?: string;
  /** Exact length, where it is established. */
  readonly bytes?: number;
  /** 64 lower-case hexadecimal digits, where they are established. */
  readonly sha256?: string;
}

/** Where the files come from: a repository of a model hub, or a page whose archive a person unpacks. */
export type WeightsSource =
  | {
      readonly kind: 'hub';
      /** `organisation/name`. */
      readonly repository: string;
      /** A commit, so that the bytes can never change, or a branch. */
      readonly revision: string;
    }
  | { readonly kind: 'by_hand'; readonly page: string };

/** One model that can be installed. */
export interface WeightsEntry {
  /** `<engine>/<name>`; also the folder below the models folder. */
  readonly id: string;
  readonly engine: string;
  readonly kind: WeightsKind;
  readonly title: string;
  readonly description: string;
  readonly source: WeightsSource;
  readonly files: readonly WeightsFile[];
  /** Folders of the repository that are needed whole; the hub's own listing says what is in them. */
  readonly folders?: readonly string[];
  /** SPDX identifier, or a short name where there is none. */
  readonly licence: string;
  /** False also where nothing shows that commercial use is allowed. */
  readonly commercialUse: boolean;
  /** ISO 639-1 or 639-3 codes, or `any`. */
  readonly languages: readonly string[] | 'any';
  /** Memory that the loaded model takes, estimated in bytes. */
  readonly memoryBytes: number;
  /** Public model names that this model is, as on its card. */
  readonly implements?: readonly string[];
  /** Ids of other entries without which this one is of little use; a pull brings them too. */
  readonly needs?: readonly string[];
}

/** `damaged`: every file is there, but not as it must be. `partial`: a download that stopped half way. */
export type WeightsState = 'installed' | 'absent' | 'partial' | 'downloading' | 'damaged';

/** Who vouches for the checksums: this program, the hub at the first install, or nobody. */
export type WeightsPin = 'catalog' | 'hub' | 'nobody';

/** An entry and how it stands on this machine. */
export interface WeightsStatus {
  readonly entry: WeightsEntry;
  readonly state: WeightsState;
  readonly bytesOnDisk: number;
  /** Length of all files together; absent while some are unknown. */
  readonly totalBytes?: number;
  readonly pinnedBy: WeightsPin;
  /** True when the files were put there by a person or a mount, not by a pull. */
  readonly placedByHand: boolean;
  /** What is wrong, for `damaged`. */
  readonly problem?: string;
}

/** How far a pull is. */
export interface PullProgress {
  readonly id: string;
  /** The file that is being fetched. */
  readonly file: string;
  /** Bytes of this entry that are on disk, those of an earlier attempt included. */
  readonly receivedBytes: number;
  /** Absent while the hub has not said how long a file is. */
  readonly totalBytes?: number;
}

/** What a caller of `pull` may ask for. */
export interface PullOptions {
  /** Agrees to a licence that forbids commercial use. */
  readonly acceptLicence?: boolean;
  readonly onProgress?: (progress: PullProgress) => void;
  /** Stops this caller's wait; the download ends, resumable, when no other caller waits for it. */
  readonly signal?: AbortSignal;
}

/** What re-hashing one file showed. `unpinned`: it is there, but nobody has said what it must be. */
export interface VerifiedFile {
  readonly path: string;
  readonly state: 'ok' | 'missing' | 'changed' | 'unpinned';
}

/** What re-hashing a whole model showed. */
export interface WeightsVerdict {
  readonly id: string;
  /** No file is missing or changed. */
  readonly ok: boolean;
  readonly files: readonly VerifiedFile[];
}

/** Fetches, keeps, checks and removes weights. Every method throws `not_found` for an id that is not in the catalog. */
export interface ModelStore {
  readonly entries: readonly WeightsEntry[];
  list(): Promise<readonly WeightsStatus[]>;
  status(id: string): Promise<WeightsStatus>;
  /** The folder that holds the installed files. Throws `not_found` (reason `not_installed`) with the command that installs them. */
  path(id: string): Promise<string>;
  /**
   * Installs an entry and what it needs; at once when it is installed already. Callers of the same id share one
   * download. Throws `permission_denied` (reason `licence`), `unsupported_feature` (offline, or not on a hub),
   * `conflict` (disk full or read-only), `engine_failed` or `timed_out` (the hub), `cancelled`.
   */
  pull(id: string, options?: PullOptions): Promise<WeightsStatus>;
  /** Hashes every file again. A model found changed counts as damaged until it is pulled again. */
  verify(id: string, signal?: AbortSignal): Promise<WeightsVerdict>;
  /** Deletes the files of an entry and returns how many bytes that freed. Throws `conflict` while it is being fetched. */
  remove(id: string): Promise<number>;
}
