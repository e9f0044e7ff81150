# Experts [N, k] and their shares of logits [N, E]: a softmax over the highest.
def route(self: __torch__.Decoder, scores: Tensor, w: List[Tensor]) -> Tuple[Tensor, Tensor]:
  highest, chosen = torch.topk(scores, self.experts_chosen(), -1, True, True)
  return (chosen, torch.softmax(highest, -1, None))
