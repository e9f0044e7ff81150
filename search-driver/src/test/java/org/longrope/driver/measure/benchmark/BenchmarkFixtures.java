package org.longrope.driver.measure.benchmark;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.io.compress.BZip2Codec;

/** A directory of invented questions in the published formats of all four benchmarks. */
public final class BenchmarkFixtures {
  private BenchmarkFixtures() {}

  /** Three questions and three examples of each, four of HellaSwag without a training file. */
  public static Path all(Path directory) {
    arc(directory);
    hellaSwagText(directory, true);
    mmlu(directory);
    truthfulQa(directory);
    return directory;
  }

  static Path arc(Path directory) {
    write(
        directory,
        "arc_challenge/ARC-Challenge_test_3.jsonl",
        """
        {"id": "t0", "question": "What floats?", "choices": {"text": ["lead", "a cork"], "label": ["A", "B"]}, "answerKey": "B"}
        {"id": "t1", "question": "What is hot?", "choices": {"text": ["ice", "snow", "a flame"], "label": ["1", "2", "3"]}, "answerKey": "3"}

        {"id": "t2", "question": "What barks?", "choices": {"text": ["a dog", "a fish"], "label": ["A", "B"]}, "answerKey": "A"}
        """);
    write(
        directory,
        "arc_challenge/ARC-Challenge_train.jsonl",
        """
        {"id": "e0", "question": "What flies?", "choices": {"text": ["a brick", "a kite"], "label": ["A", "B"]}, "answerKey": "B"}
        {"id": "e1", "question": "What swims?", "choices": {"text": ["an otter", "a chair"], "label": ["A", "B"]}, "answerKey": "A"}
        {"id": "e2", "question": "What rolls?", "choices": {"text": ["a ball", "a book"], "label": ["A", "B"]}, "answerKey": "A"}
        """);
    return directory;
  }

  static Path hellaSwagJson(Path directory) {
    write(
        directory,
        "hellaswag/hellaswag_val.jsonl",
        """
        {"ind": 4, "activity_label": "Sailing", "ctx_a": "A man rigs a boat.", "ctx_b": "he and Tom", "endings": ["sail away.", "[step] eat it.", "fly.", "sleep [now] on."], "label": 0}
        {"ind": 9, "activity_label": "How to dig", "ctx_a": "How to dig [title] Take a spade. [step] Push it.  [x]", "ctx_b": "", "endings": ["Dig.", "Dance.", "Sing.", "Leap."], "label": "2"}
        """);
    write(
        directory,
        "hellaswag/hellaswag_train.jsonl",
        """
        {"ind": 1, "activity_label": "Rowing", "ctx_a": "Two row.", "ctx_b": "the boat", "endings": ["sinks.", "glides.", "burns.", "melts."], "label": 1}
        """);
    return directory;
  }

  static Path hellaSwagText(Path directory, boolean packed) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < 4; i++) {
      text.append("Baking: Somebody bakes loaf ").append(i).append(". he\n").append(i).append('\n');
      text.append("waits.\nwalks.\nwonders why.\nwrites [a b] it down.\n");
    }
    if (!packed) {
      return write(directory, "hellaswag/hellaswag_val.txt", text.toString());
    }
    Path file = directory.resolve("hellaswag/hellaswag_val_full.txt.bz2");
    BZip2Codec codec = new BZip2Codec();
    codec.setConf(new Configuration(false));
    try {
      Files.createDirectories(directory.resolve("hellaswag"));
      try (OutputStream stream = codec.createOutputStream(Files.newOutputStream(file))) {
        stream.write(text.toString().getBytes(StandardCharsets.UTF_8));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return directory;
  }

  static Path mmlu(Path directory) {
    write(
        directory,
        "mmlu/dev/sea_birds_dev.csv",
        """
        Which bird dives?,gannet,sparrow,hen,finch,A
        "Which, of ""these"", is white?",raven,gull,crow,rook,B
        """);
    write(
        directory,
        "mmlu/test/sea_birds_test.csv",
        """
          Which bird\u00a0swims? ,eagle, wren,penguin,kite,C
        "Which bird
        is large?",albatross,tit,robin,dunnock,A
        """
            .replace("C\n", "C\r\n"));
    write(
        directory,
        "mmlu/dev/knots_dev.csv",
        """
        question,choice0,choice1,choice2,choice3,answer
        Which knot slips?,reef,bowline,noose,hitch,2
        Which knot joins?,bend,loop,stopper,whipping,0
        """);
    write(
        directory,
        "mmlu/test/knots_test.csv",
        """
        question,choice0,choice1,choice2,choice3,answer
        Which knot is a loop?,reef,bowline,hitch,bend,1
        """);
    return directory;
  }

  static Path truthfulQa(Path directory) {
    write(
        directory,
        "truthfulqa/mc_task_v1.json",
        """
        [{"question": "Do cats bark?", "mc1_targets": {"No.": 1, "Yes.": 0},
          "mc2_targets": {"No.": 1, "They meow.": 1, "Yes.": 0}},
         {"question": "Is snow black?", "mc1_targets": {"No.": 1, "Yes.": 0},
          "mc2_targets": {"It is white.": 1, "Yes, it is.": 0}}]
        """);
    return directory;
  }

  static Path write(Path directory, String name, String text) {
    Path file = directory.resolve(name);
    try {
      Files.createDirectories(file.getParent());
      Files.writeString(file, text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return directory;
  }
}
