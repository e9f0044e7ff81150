package org.longrope.datasets;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests of directories that hold several splits, as in published data sets. */
class SplitsTest {
  @TempDir private Path folder;
  private TestPreparation preparation;

  @BeforeEach
  void begin() {
    preparation = new TestPreparation(folder);
  }

  private void write(String... names) throws IOException {
    for (String name : names) {
      preparation.write(name, "{\"text\":\"" + name + "\"}\n");
    }
  }

  @Test
  void shardsOfSplits_withoutSplit_areRejectedByName() throws IOException {
    write(
        "hub/data/train-00000-of-00002.jsonl",
        "hub/data/train-00001-of-00002.jsonl",
        "hub/data/test_sft-00000-of-00001.jsonl");
    assertThat(preparation.rejection("jsonl", "hub"))
        .contains("hub has several splits", "test_sft (1), train (2)", "--split all");
    assertThat(preparation.withSplit("train").ids("jsonl", "hub")).hasSize(2);
    assertThat(preparation.withSplit("test_sft").ids("jsonl", "hub")).hasSize(1);
    assertThat(preparation.withSplit("all").ids("jsonl", "hub")).hasSize(3);
    assertThat(preparation.open().manifest().split()).isNull();
  }

  @Test
  void foldersAndNames_withoutSplit_areRejectedByName() throws IOException {
    write("folders/train/a.jsonl", "folders/validation/a.jsonl");
    assertThat(preparation.rejection("jsonl", "folders")).contains("train (1), validation (1)");
    write("names/books_dev.jsonl.gz", "names/books_test.jsonl", "names/README.jsonl");
    assertThat(preparation.rejection("jsonl", "names")).contains("dev (1), test (1)");
    assertThat(preparation.withSplit("test").ids("jsonl", "names")).containsExactly("books_test:0");
    preparation.withSplit(null).write("texts/train/a.txt", "a");
    preparation.write("texts/test.txt", "b");
    assertThat(preparation.rejection("text", "texts")).contains("test (1), train (1)");
  }

  @Test
  void oneSplitOrNone_isReadWithoutAsking() throws IOException {
    write("one/train/a.jsonl", "one/train/b.jsonl", "one/more.jsonl");
    assertThat(preparation.ids("jsonl", "one")).hasSize(3);
    preparation.write("books/train-station.txt", "a");
    preparation.write("books/test-of-time.txt", "b");
    preparation.write("books/contest.txt", "c");
    assertThat(preparation.ids("text", "books")).hasSize(3);
    write("words/latest.jsonl", "words/constrain.jsonl");
    assertThat(preparation.ids("jsonl", "words")).hasSize(2);
  }

  @Test
  void filesThatAreNamed_areReadWithoutAsking() throws IOException {
    write("set/train.jsonl", "set/test.jsonl");
    assertThat(preparation.ids("jsonl", "set/train.jsonl", "set/test.jsonl")).hasSize(2);
    assertThat(preparation.ids("jsonl", "set/t*.jsonl")).hasSize(2);
  }

  @Test
  void pg19_allSplits_areRead() throws IOException {
    preparation.write("pg19/metadata.csv", "10,T,1,u\n");
    preparation.write("pg19/train/10.txt", "ten");
    preparation.write("pg19/test/11.txt", "eleven");
    assertThat(preparation.withSplit("all").ids("pg19", "pg19")).containsExactly("11", "10");
  }
}
