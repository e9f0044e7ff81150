# One expert [N, 1] of the logits `left`, in which earlier choices are -inf, and its share: a softmax over those
# of the logits whose distance from the highest is within twice the jitter.
def pick(self: __torch__.Decoder, scores: Tensor, left: Tensor) -> Tuple[Tensor, Tensor]:
  highest, chosen = torch.max(left, -1, True)
  far = torch.gt((highest - scores) / torch.maximum(torch.abs(scores), highest), 2. * self.router_jitter())
  shares = torch.softmax(torch.masked_fill(left, far, -inf), -1, None)
  return (chosen, torch.gather(shares, -1, chosen))

# Experts [N, 2] and their shares of logits [N, E]: the highest, then the highest of the others.
def route(self: __torch__.Decoder, scores: Tensor, w: List[Tensor]) -> Tuple[Tensor, Tensor]:
  first, first_share = self.pick(scores, scores)
  second, second_share = self.pick(scores, torch.scatter(scores, -1, first, -inf))
  return (torch.cat([first, second], -1), torch.cat([first_share, second_share], -1))
