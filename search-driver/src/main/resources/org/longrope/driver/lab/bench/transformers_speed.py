"""Evaluates token ids with transformers, as a reference of speed: a model's process for `bench evaluator`.

Arguments: a checkpoint's directory, the device and the type to compute in. Every line on standard output is a JSON
object. The first names the versions, the second the kind of attention; then each line on standard input, an object
with "threads" and "ids", is answered by the "seconds" of one evaluation and the "nll" of all ids but the first. A line
with "problem" is the last.
"""

import json
import sys
import time


# What libraries print is no answer.
answers, sys.stdout = sys.stdout, sys.stderr


def say(**values):
    print(json.dumps(values), file=answers, flush=True)


def load(transformers, torch, directory, device, dtype):
    """The model with sdpa, or with eager attention where sdpa cannot compute what the model needs."""
    config = transformers.AutoConfig.from_pretrained(directory)
    kinds = ["sdpa", "eager"]
    if getattr(config, "attn_logit_softcapping", None) is not None:
        # sdpa leaves the caps out.
        kinds.remove("sdpa")
    name = "dtype" if int(transformers.__version__.split(".")[0]) >= 5 else "torch_dtype"
    for kind in kinds:
        try:
            model = transformers.AutoModelForCausalLM.from_pretrained(
                directory, attn_implementation=kind, **{name: getattr(torch, dtype)}
            )
            return kind, model.to(device).eval()
        except ValueError:
            if kind == kinds[-1]:
                raise


def evaluate(torch, model, ids, device):
    window = torch.tensor([ids], device=device)
    start = time.perf_counter()
    # Reading the number waits for the device.
    mean = model(window, labels=window, use_cache=False).loss.item()
    return time.perf_counter() - start, mean * (len(ids) - 1)


def main():
    directory, device, dtype = sys.argv[1:]
    try:
        import torch
        import transformers
    except ImportError as problem:
        say(problem=f"cannot import what it needs: {problem}")
        return
    say(transformers=transformers.__version__, torch=torch.__version__)
    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()
    with torch.inference_mode():
        try:
            kind, model = load(transformers, torch, directory, device, dtype)
            evaluate(torch, model, [1] * 16, device)
        except Exception as problem:
            sentence = " ".join(str(problem).split())
            say(problem=f"cannot run the model: {type(problem).__name__}: {sentence[:300]}")
            return
        say(attention=kind)
        for line in sys.stdin:
            asked = json.loads(line)
            torch.set_num_threads(asked["threads"])
            seconds, nll = evaluate(torch, model, asked["ids"], device)
            say(seconds=seconds, nll=nll)


if __name__ == "__main__":
    main()
