/** Knows how near the program is to the end of its memory. */
export interface MemoryWatch {
  /** Whether heavy work that is begun now may get the program killed. What runs already goes on. */
  isShort(): boolean;
}
