# Scores t * tanh(x / t).
def cap_scores(self: __torch__.Decoder, x: Tensor) -> Tensor:
  return torch.tanh(x / self.score_cap()) * self.score_cap()
