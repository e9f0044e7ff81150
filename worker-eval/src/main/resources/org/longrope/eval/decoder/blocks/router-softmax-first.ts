# Experts [N, k] and their shares of logits [N, E]: the highest of a softmax over all.
def route(self: __torch__.Decoder, scores: Tensor, w: List[Tensor]) -> Tuple[Tensor, Tensor]:
  shares, chosen = torch.topk(torch.softmax(scores, -1, None), self.experts_chosen(), -1, True, True)
  if self.shares_normalised():
    shares = shares / torch.sum(shares, [-1], True)
  return (chosen, shares)
