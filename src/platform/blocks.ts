/** AES-128 in ECB mode over whole blocks: the keyed coin behind marks, and the permutation behind per-partner ids. */
import { createCipheriv, createDecipheriv } from "node:crypto"
import type { EncryptBlocks } from "../lib/code.ts"

export const encryptBlocks: EncryptBlocks = (key, blocks) => {
    const cipher = createCipheriv("aes-128-ecb", key, null).setAutoPadding(false)
    return Buffer.concat([cipher.update(blocks), cipher.final()])
}

export const decryptBlocks: EncryptBlocks = (key, blocks) => {
    const cipher = createDecipheriv("aes-128-ecb", key, null).setAutoPadding(false)
    return Buffer.concat([cipher.update(blocks), cipher.final()])
}
