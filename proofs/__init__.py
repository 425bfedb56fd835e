"""The proofs that nothing is lost or doubled, whatever is killed, stalled or cut off."""
