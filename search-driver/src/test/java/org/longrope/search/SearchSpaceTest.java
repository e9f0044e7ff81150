package org.longrope.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.math.BigInteger;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.longrope.eval.rope.RopeGeometry;

class SearchSpaceTest {
  @Test
  void bounds_areOneToFiveQuartersOfTheRatio() {
    assertThat(Fixtures.space(64, 256, 2048).lower()).isEqualTo(100);
    assertThat(Fixtures.space(64, 256, 2048).upper()).isEqualTo(1000);
    assertThat(Fixtures.space(64, 4096, 2048 * 1024).upper()).isEqualTo(64_000);
    assertThat(Fixtures.space(64, 256, 257).upper()).isEqualTo(125);
    assertThat(Fixtures.space(4, 1, Integer.MAX_VALUE).upper()).isEqualTo(Integer.MAX_VALUE);
    assertThat(Fixtures.space(64, 4096, 131_072).pairs()).isEqualTo(32);
  }

  @Test
  void upper_isExact() {
    SplittableRandom random = new SplittableRandom(3);
    for (int n = 0; n < 10_000; n++) {
      int window = random.nextInt(1, 1 << 20);
      int target = random.nextInt(window + 1, 1 << 22);
      BigInteger upper = BigInteger.valueOf(target).multiply(BigInteger.valueOf(125));
      assertThat(Fixtures.space(4, window, target).upper())
          .isEqualTo(upper.divide(BigInteger.valueOf(window)).intValueExact());
    }
  }

  @Test
  void upTo_boundsFactorsOnTheGridForAnyTarget() {
    RopeGeometry rope = new RopeGeometry(4, 10_000, 256);
    assertThat(SearchSpace.upTo(1.5, rope, 128).upper()).isEqualTo(150);
    assertThat(SearchSpace.upTo(2.3, rope, 256).upper()).isEqualTo(230);
    assertThat(SearchSpace.upTo(1.999, rope, 512).upper()).isEqualTo(199);
    assertThatIllegalArgumentException().isThrownBy(() -> SearchSpace.upTo(0.99, rope, 256));
  }

  @Test
  void startTokens_endAtTheTarget() {
    assertThat(Fixtures.space(4, 100, 2048).startTokens())
        .containsExactly(0, 2, 4, 8, 12, 16, 20, 24, 28, 32, 64, 128, 256);
    assertThat(Fixtures.space(4, 16, 28).startTokens())
        .containsExactly(0, 2, 4, 8, 12, 16, 20, 24, 28);
  }

  @Test
  void contains_onlyWhatIsInside() {
    SearchSpace space = Fixtures.space(4, 16, 32);

    assertThat(space.contains(Candidate.of(new int[] {100, 250}, 32))).isTrue();
    assertThat(space.contains(Candidate.of(new int[] {99, 250}, 0))).isFalse();
    assertThat(space.contains(Candidate.of(new int[] {100, 251}, 0))).isFalse();
    assertThat(space.contains(Candidate.of(new int[] {100, 250}, 3))).isFalse();
    assertThat(space.contains(Candidate.of(new int[] {100, 250}, 64))).isFalse();
    assertThat(space.contains(Candidate.of(new int[] {100, 200, 250}, 0))).isFalse();
  }

  @Test
  void extending_toAShorterTarget_isRejected() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Fixtures.space(4, 256, 256))
        .withMessageContaining("256 tokens");
    assertThatIllegalArgumentException().isThrownBy(() -> Fixtures.space(4, 256, 255));
  }
}
