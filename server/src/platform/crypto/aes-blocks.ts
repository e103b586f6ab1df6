/** AES-128 in ECB mode over whole blocks: the keyed random choice behind marks, and the permutation behind aliases. */
import { type Cipheriv, type Decipheriv, createCipheriv, createDecipheriv, createSecretKey } from "node:crypto"
import type { Cipher, CipherOf } from "@tocsin/marks/code"

const blockBytes = 16

/**
 * Encrypts whole blocks one by one, so that one cipher serves any number of calls. Throws where a block is not whole.
 */
export const blockCipher: CipherOf = (key) => {
    return wholeBlocks(createCipheriv("aes-128-ecb", createSecretKey(key), null))
}

function wholeBlocks(cipher: Cipheriv | Decipheriv): Cipher {
    cipher.setAutoPadding(false)
    return (blocks) => {
        // The cipher would return the rest of an incomplete block with the next call.
        if (blocks.length % blockBytes !== 0) throw new Error("a block has 16 bytes")
        return cipher.update(blocks)
    }
}

/** Encryption and decryption under one key. */
export interface Permutation {
    readonly encrypt: Cipher
    readonly decrypt: Cipher
}

export function permutationOf(key: Uint8Array): Permutation {
    const decipher = createDecipheriv("aes-128-ecb", createSecretKey(key), null)
    return { encrypt: blockCipher(key), decrypt: wholeBlocks(decipher) }
}
