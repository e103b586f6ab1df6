/** AES-128 in ECB mode over whole blocks: the keyed coin behind marks. One call for many independent blocks. */
import { createCipheriv } from "node:crypto"
import type { EncryptBlocks } from "../lib/code.ts"

export const encryptBlocks: EncryptBlocks = (key, blocks) => {
    const cipher = createCipheriv("aes-128-ecb", key, null).setAutoPadding(false)
    return Buffer.concat([cipher.update(blocks), cipher.final()])
}
