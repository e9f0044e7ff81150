package org.longrope.eval.family;

/** Place of the norms in a layer, n its norms. */
public enum Block {
  /** x += attention(n x); x += feedForward(n x). */
  PRE("block-pre.ts"),
  /** x += n attention(x); x += n feedForward(x). */
  POST("block-post.ts"),
  /** x += n attention(n x); x += n feedForward(n x). */
  SANDWICH("block-sandwich.ts"),
  /** y = n x; x += attention(y) + feedForward(y). */
  PARALLEL("block-parallel.ts");

  private final String file;

  Block(String file) {
    this.file = file;
  }

  /** Returns the name of the program's block. */
  public String file() {
    return file;
  }
}
