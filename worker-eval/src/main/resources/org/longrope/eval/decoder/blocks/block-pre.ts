# Input of a layer's attention.
def attention_input(self: __torch__.Decoder, x: Tensor, w: List[Tensor]) -> Tensor:
  return self.norm(x, self.attention_norm(w), self.attention_norm_bias(w))

# Hidden states [B, n, D] after a layer, seen [B, n, H * v] the attention's output.
def layer_output(self: __torch__.Decoder, x: Tensor, seen: Tensor, w: List[Tensor]) -> Tensor:
  y = self.add(x, self.project(seen, self.wo(w), self.bo(w)))
  return self.add(y, self.feed_forward(self.norm(y, self.feed_forward_norm(w), self.feed_forward_norm_bias(w)), w))
