/** AES-128 in ECB mode over whole blocks: the keyed coin behind marks, and the permutation behind per-partner ids. */
import { createCipheriv, createDecipheriv, createSecretKey } from "node:crypto"
import type { CipherOf } from "../lib/code.ts"

/** `key` is 16 bytes, `blocks` a multiple of 16, the answer as long as `blocks`. */
type Blocks = (key: Uint8Array, blocks: Uint8Array) => Uint8Array

/** Each block stands for itself, so one cipher serves any number of calls. */
export const blockCipher: CipherOf = (key) => {
    const cipher = createCipheriv("aes-128-ecb", createSecretKey(key), null).setAutoPadding(false)
    return (blocks) => cipher.update(blocks)
}

/** A key handed over as an object costs a third of the same key handed over as bytes. */
export const encryptBlocks: Blocks = (key, blocks) => {
    const cipher = createCipheriv("aes-128-ecb", createSecretKey(key), null).setAutoPadding(false)
    const whole = cipher.update(blocks)
    cipher.final()
    return whole
}

export const decryptBlocks: Blocks = (key, blocks) => {
    const cipher = createDecipheriv("aes-128-ecb", createSecretKey(key), null).setAutoPadding(false)
    const whole = cipher.update(blocks)
    cipher.final()
    return whole
}
