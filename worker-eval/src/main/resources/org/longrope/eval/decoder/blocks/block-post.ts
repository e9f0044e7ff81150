# Input of a layer's attention.
def attention_input(self: __torch__.Decoder, x: Tensor, w: List[Tensor]) -> Tensor:
  return x

# Hidden states [B, n, D] after a layer, seen [B, n, H * v] the attention's output. Norms are of what is added.
def layer_output(self: __torch__.Decoder, x: Tensor, seen: Tensor, w: List[Tensor]) -> Tensor:
  y = self.add(x, self.norm(self.project(seen, self.wo(w), self.bo(w)), self.attention_output_norm(w), self.none(w)))
  return self.add(y, self.norm(self.feed_forward(y, w), self.feed_forward_output_norm(w), self.none(w)))
