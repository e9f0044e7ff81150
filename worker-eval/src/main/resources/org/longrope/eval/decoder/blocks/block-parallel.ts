# Input of a layer's attention.
def attention_input(self: __torch__.Decoder, x: Tensor, w: List[Tensor]) -> Tensor:
  return self.norm(x, self.attention_norm(w), self.attention_norm_bias(w))

# Hidden states [B, n, D] after a layer, seen [B, n, H * v] the attention's output. Both parts have one input.
def layer_output(self: __torch__.Decoder, x: Tensor, seen: Tensor, w: List[Tensor]) -> Tensor:
  z = self.feed_forward(self.attention_input(x, w), w)
  return self.add(self.add(x, self.project(seen, self.wo(w), self.bo(w))), z)
