package org.longrope.driver.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.longrope.driver.Captured;
import org.longrope.driver.TinyWorld;
import org.longrope.driver.run.Runs;

/** Options of commands that read and tokenise texts, on a model that reads bytes. */
class PrepareAndBosTest {
  private static final int BOS = 263;

  @TempDir static Path directory;
  private static Path model;
  private static Path text;

  @BeforeAll
  static void writeAModel() throws IOException {
    model = TinyWorld.textModel(directory.resolve("model"), 1);
    text = Files.writeString(directory.resolve("text.txt"), "one fish, two fish ".repeat(20));
  }

  private static Captured run(String words, Object... more) {
    List<Object> all = new ArrayList<>(Arrays.asList((Object[]) words.split(" ")));
    all.addAll(Arrays.asList(more));
    return Captured.run(all.toArray());
  }

  private static Captured succeed(String words, Object... more) {
    Captured run = run(words, more);
    assertThat(run.exitCode()).as(run.err()).isZero();
    return run;
  }

  private static String refused(String words, Object... more) {
    Captured run = run(words, more);
    assertThat(run.exitCode()).as(run.err()).isEqualTo(Main.EXIT_BAD_INPUT);
    return run.err();
  }

  private static JsonNode measured(String words, Object... more) {
    Path json = directory.resolve("out.json");
    succeed(words + " --threads 1 --model " + model + " --json " + json, more);
    return Runs.json(json);
  }

  private static Captured prepare(Path output, Object... more) {
    return succeed(
        "prepare --format text --master local[1] --input "
            + text
            + " --tokenizer "
            + model
            + " --output "
            + output,
        more);
  }

  @Test
  void prepare_bos_isPrintedAndRecorded() {
    Path with = directory.resolve("with");
    Path without = directory.resolve("without");
    assertThat(prepare(with).err())
        .contains("Sequences begin with BOS, id 263, as this tokenizer's do in transformers");
    assertThat(prepare(without, "--bos", "no").err())
        .contains("Sequences begin without BOS, as --bos says.");
    assertThat(Runs.json(with.resolve("manifest.json")).path("bos_token_id").asInt())
        .isEqualTo(BOS);
    assertThat(Runs.json(without.resolve("manifest.json")).path("bos_token_id").isNull()).isTrue();
    assertThat(refused("prepare --format text --bos maybe --input x --output y --tokenizer z"))
        .contains("--bos is maybe: expected auto, yes or no.");
  }

  @Test
  void perplexity_ofATextAndOfItsPartition_isTheSame() {
    for (String bos : List.of("auto", "no")) {
      Path data = directory.resolve("data-" + bos);
      prepare(data, "--bos", bos);
      JsonNode ofText = measured("perplexity --length 64 --bos " + bos, "--text", text);
      JsonNode ofData = measured("perplexity --length 64 --data " + data);
      assertThat(ofText.at("/results/0/perplexity").asDouble())
          .as(bos)
          .isPositive()
          .isEqualTo(ofData.at("/results/0/perplexity").asDouble());
    }
    double with =
        measured("perplexity --length 64", "--text", text).at("/results/0/perplexity").asDouble();
    double without =
        measured("perplexity --length 64 --bos no", "--text", text)
            .at("/results/0/perplexity")
            .asDouble();
    assertThat(without).isNotEqualTo(with);
  }

  @Test
  void perplexity_bosWhereNothingIsTokenised_isRefused() throws IOException {
    Path ids = Files.writeString(directory.resolve("ids.json"), "[1, 2, 3, 4]");
    assertThat(refused("perplexity --length 4 --bos yes --model " + model, "--token-ids", ids))
        .contains("--bos is yes and no text is tokenised", "ids are used as they are");
    Path data = directory.resolve("data-refused");
    prepare(data);
    assertThat(refused("perplexity --length 4 --bos no --model " + model, "--data", data))
        .contains("the partition says whether its documents begin with BOS");
  }

  @Test
  void passkey_bos_beginsThePrompt() {
    String words = "passkey --needle --length 300 --depths 1 --trials 1";
    JsonNode with = measured(words);
    JsonNode without = measured(words + " --bos no");
    assertThat(with.at("/provenance/bos_token_id").asInt()).isEqualTo(BOS);
    assertThat(without.at("/provenance/bos_token_id").isNull()).isTrue();
    assertThat(without.at("/trials/0/key_nll")).isNotEqualTo(with.at("/trials/0/key_nll"));
  }

  @Test
  void commands_withATokenizerThatOnlyNamesBos_useItOnlyOnRequest() throws IOException {
    Path gpt2 = TinyWorld.textModel(directory.resolve("gpt2"), 1);
    JsonNode tokenizer = Runs.json(gpt2.resolve("tokenizer.json"));
    ((com.fasterxml.jackson.databind.node.ObjectNode) tokenizer).putNull("post_processor");
    Files.writeString(gpt2.resolve("tokenizer.json"), tokenizer.toString());
    String words = "perplexity --length 64 --threads 1 --text " + text + " --model ";
    String auto = succeed(words + gpt2).out();
    String no = succeed(words + gpt2 + " --bos no").out();
    String yes = succeed(words + gpt2 + " --bos yes").out();
    assertThat(auto).isEqualTo(no).isNotEqualTo(yes);
    assertThat(yes).isEqualTo(succeed(words + model).out());
  }

  @Test
  void tokenizerWhoseFilesDisagree_auto_isAWarning() throws IOException {
    Path llama = TinyWorld.textModel(directory.resolve("llama"), 1);
    Files.writeString(
        llama.resolve("tokenizer_config.json"),
        "{\"bos_token\":\"<s>\",\"tokenizer_class\":\"LlamaTokenizer\",\"add_bos_token\":false}");
    String words = "perplexity --length 64 --threads 1 --text " + text + " --model " + llama;
    assertThat(succeed(words).err())
        .contains("warning: ", "tokenizer.json and add_bos_token disagree", "--bos yes or no");
    assertThat(succeed(words + " --bos yes").err()).doesNotContain("disagree");
  }

  @Test
  void prepare_fieldsAndBadRows_byOptions() throws IOException {
    Path set = Files.createDirectories(directory.resolve("set"));
    Files.writeString(set.resolve("train.jsonl"), "{\"content\":\"one\"}\n{\"content\":7}\n");
    Files.writeString(set.resolve("test.jsonl"), "{\"content\":\"two\"}\n{\"content\":null}\n");
    String words =
        "prepare --format jsonl --master local[1] --text-field content --tokenizer "
            + model
            + " --input "
            + set
            + " --output ";
    assertThat(refused(words + directory.resolve("a"))).contains("test (1), train (1)");
    assertThat(refused(words + directory.resolve("a") + " --split train"))
        .contains("Line 2 of ", "has a number in field \"content\"");
    Captured all = succeed(words + directory.resolve("a") + " --split all --skip-bad");
    assertThat(all.err())
        .contains("Left out 1 empty documents.")
        .contains("Left out 1 bad rows (--skip-bad); the first: Line 2 of ");
    assertThat(all.out()).contains("2 documents");
  }
}
