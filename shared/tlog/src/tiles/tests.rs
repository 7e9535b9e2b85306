//! The tree against a second implementation.

use ct_merkle::mem_backed_tree::MemoryBackedTree;
use sha2::Sha256;

use super::*;

fn entry(index: u64) -> Vec<u8> {
    format!("entry {index}").into_bytes()
}

fn tiles(size: u64) -> Tiles {
    let mut tiles = Tiles::default();
    for index in 0..size {
        tiles.append(index, leaf_hash(&entry(index))).expect("in order");
    }
    tiles
}

#[test]
fn roots_and_proofs_are_those_of_another_implementation() {
    let bytes = |hashes: Vec<Hash>| hashes.into_iter().flat_map(|hash| hash.0).collect::<Vec<_>>();
    let tiles = tiles(600);
    let mut other = MemoryBackedTree::<Sha256, Vec<u8>>::new();
    for index in 0..600 {
        other.push(entry(index));
        let size = index + 1;
        let ours = tiles.root(size).expect("all tiles are there");
        assert_eq!(ours.0[..], other.root().as_bytes()[..], "{size}");
        for of in [0, index / 3, index] {
            let ours = tiles.inclusion(size, of).expect("within");
            assert_eq!(
                bytes(ours),
                other.prove_inclusion(of as usize).as_bytes(),
                "{of} of {size}"
            );
        }
        for old in [1, size / 2, index].into_iter().filter(|old| (1..size).contains(old)) {
            let ours = tiles.consistency(old, size).expect("within");
            let theirs = other.prove_consistency((size - old) as usize);
            assert_eq!(bytes(ours), theirs.as_bytes(), "{old} to {size}");
        }
    }
}

#[test]
fn every_proof_holds_and_no_changed_one_does() {
    let sizes = [1, 2, 3, 7, 255, 256, 257, 511, 512, 513, 700];
    let tiles = tiles(700);
    for size in sizes {
        let root = tiles.root(size).expect("all tiles are there");
        for index in (0..size).step_by(1 + size as usize / 9) {
            let leaf = leaf_hash(&entry(index));
            let mut proof = tiles.inclusion(size, index).expect("within");
            let check = |proof: &[Hash], index, leaf| {
                check_inclusion(proof, (size, root), (index, leaf)).is_ok()
            };
            assert!(check(&proof, index, leaf), "{index} of {size}");
            assert!(!check(&proof, index, leaf_hash(b"other")));
            assert!(size == 1 || !check(&proof, (index + 1) % size, leaf));
            for place in 0..proof.len() {
                proof[place].0[7] ^= 1;
                assert!(!check(&proof, index, leaf));
                proof[place].0[7] ^= 1;
            }
            proof.push(root);
            assert!(!check(&proof, index, leaf));
        }
        for old in sizes.into_iter().filter(|old| *old <= size) {
            let old_root = tiles.root(old).expect("all tiles are there");
            let mut proof = tiles.consistency(old, size).expect("within");
            let check =
                |proof: &[Hash]| check_consistency(proof, (old, old_root), (size, root)).is_ok();
            assert!(check(&proof), "{old} to {size}");
            for place in 0..proof.len() {
                proof[place].0[0] ^= 128;
                assert!(!check(&proof));
                proof[place].0[0] ^= 128;
            }
        }
    }
}

#[test]
fn proofs_need_the_tiles_that_are_named_and_no_other() {
    let all = tiles(70_000);
    let only = |wanted: BTreeSet<TileId>| {
        let mut few = Tiles::default();
        for id in wanted {
            few.insert(id, all.get(id).expect("it is there").to_vec());
        }
        few
    };
    for (size, index) in [(70_000, 0), (70_000, 69_999), (65_536, 300), (66_000, 65_536)] {
        let few = only(tiles_for_inclusion(size, index));
        assert_eq!(
            few.inclusion(size, index).expect("enough"),
            all.inclusion(size, index).expect("all")
        );
    }
    for (old, new) in [(1, 70_000), (65_536, 70_000), (69_999, 70_000), (257, 65_537)] {
        let few = only(tiles_for_consistency(old, new));
        let proof = few.consistency(old, new).expect("enough");
        let (old_root, new_root) = (few.root(old).expect("enough"), few.root(new).expect("enough"));
        check_consistency(&proof, (old, old_root), (new, new_root)).expect("it holds");
    }
    assert!(tiles_for_inclusion(5, 5).is_empty());
    // The specification's own example.
    let widths: Vec<_> =
        Tiles::edge(70_000).map(|id| (id.level, id.number, id.width(70_000))).collect();
    assert_eq!(widths, [(0, 273, 112), (1, 1, 17), (2, 0, 1)]);
}

#[test]
fn the_edge_is_enough_to_go_on_and_a_wrong_edge_is_refused() {
    let mut edge = Tiles::default();
    let whole = tiles(66_000);
    for index in 0..66_000 {
        edge.append(index, leaf_hash(&entry(index))).expect("in order");
        edge.retain_edge(index + 1);
    }
    assert_eq!(edge.root(66_000).expect("enough"), whole.root(66_000).expect("all"));
    assert!(edge.append(66_002, Hash::default()).is_err());
    let missing = Tiles::default().root(5).expect_err("nothing is there");
    assert_eq!(missing.to_string(), "tile 0/0 lacks hash 0");
}
