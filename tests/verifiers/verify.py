"""Verifies a log of Mesh with other people's code, and nothing of ours.

    verify.py FILE    FILE holds what the log gives to a stranger, as JSON

tlog-scales reads the checkpoint and its signatures, and checks both kinds of proofs;
rekor-verifier checks both kinds as well; sigstore's own code checks inclusion. Then one bit of
each hash of each proof is changed, and all of them have to refuse it.
"""

import base64
import importlib.util
import json
import pathlib
import sys
import types

from tlog_scales.signing import Vkey
from tlog_scales.tlog import Checkpoint, ConsistencyProof, InclusionProof


def module(package, path):
    """Loads one module of a package whose other parts need far more."""
    found = importlib.util.find_spec(package)
    file = pathlib.Path(found.submodule_search_locations[0]) / path
    spec = importlib.util.spec_from_file_location(f"alone_{package}", file)
    loaded = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(loaded)
    return loaded


# The one name that sigstore's module takes from the rest of its package.
errors = types.ModuleType("sigstore.errors")
errors.VerificationError = type("VerificationError", (Exception,), {})
rekor = module("rekor_verifier", "merkle_proof.py")
sys.modules["sigstore.errors"] = errors
sigstore = module("sigstore", "_internal/merkle.py")


def included_by_sigstore(index, size, leaf, proof, root):
    inner, border = sigstore._decomp_inclusion_proof(index, size)
    if len(proof) != inner + border:
        raise ValueError("the proof has another length")
    below = sigstore._chain_inner(leaf, proof[:inner], index)
    if sigstore._chain_border_right(below, proof[inner:]) != root:
        raise ValueError("the root is another")


def included_by_rekor(index, size, leaf, proof, root):
    hexes = [hash.hex() for hash in proof]
    rekor.verify_inclusion(rekor.DEFAULT_HASHER, index, size, leaf.hex(), hexes, root.hex())


def included_by_scales(index, size, leaf, proof, root):
    InclusionProof(index, size, list(proof)).check(leaf, root)


def consistent_by_rekor(old, new, proof, old_root, new_root):
    hexes = [hash.hex() for hash in proof]
    rekor.verify_consistency(rekor.DEFAULT_HASHER, old, new, hexes, old_root.hex(), new_root.hex())


def consistent_by_scales(old, new, proof, old_root, new_root):
    ConsistencyProof(old, new, list(proof)).check(old_root, new_root)


def holds(check, *arguments):
    try:
        check(*arguments)
    except Exception:
        return False
    return True


def changed(proof):
    """Every proof that differs in one bit of one hash, a different bit of each."""
    for place, hash in enumerate(proof):
        other = bytearray(hash)
        other[(place * 7) % 32] ^= 1 << (place % 8)
        yield proof[:place] + [bytes(other)] + proof[place + 1 :]


def main():
    log = json.loads(pathlib.Path(sys.argv[1]).read_text())
    checkpoint = Checkpoint.from_text(log["checkpoint"])
    for vkey in (log["log_key"], log["witness_key"]):
        checkpoint.verify(Vkey.from_string(vkey))
    forged = Checkpoint.from_text(log["checkpoint"].replace(f"\n{checkpoint.size}\n", "\n7\n", 1))
    assert not holds(forged.verify, Vkey.from_string(log["log_key"])), "a forged size verifies"
    assert not holds(forged.verify, Vkey.from_string(log["witness_key"])), "a forged size verifies"

    size, root = checkpoint.size, checkpoint.root_hash
    counts = {"inclusion": 0, "consistency": 0, "mutants": 0}
    checks = (included_by_sigstore, included_by_rekor, included_by_scales)
    for one in log["inclusion"]:
        leaf = sigstore._hash_leaf(one["entry"].encode())
        proof = [base64.b64decode(hash) for hash in one["proof"]]
        for check in checks:
            assert holds(check, one["index"], size, leaf, proof, root), (check.__name__, one["index"])
            for mutant in changed(proof):
                refused = not holds(check, one["index"], size, leaf, mutant, root)
                assert refused, (check.__name__, one["index"], "a mutant holds")
                counts["mutants"] += 1
        counts["inclusion"] += 1
    checks = (consistent_by_rekor, consistent_by_scales)
    for one in log["consistency"]:
        old_root = base64.b64decode(one["root"])
        proof = [base64.b64decode(hash) for hash in one["proof"]]
        for check in checks:
            assert holds(check, one["size"], size, proof, old_root, root), (check.__name__, one["size"])
            for mutant in changed(proof):
                refused = not holds(check, one["size"], size, mutant, old_root, root)
                assert refused, (check.__name__, one["size"], "a mutant holds")
                counts["mutants"] += 1
        counts["consistency"] += 1
    print(json.dumps(counts))


main()
