/** Opens a test or confirmation copy with the passkey that holds the key's identity, and enters its code. */
import { Decrypter } from "age-encryption"
import { parseConfirmationCode } from "@tocsin/client/confirmation-copy"
import { parseTestCode } from "@tocsin/client/test-copy"
import { ask, type Write } from "../../kit/api.ts"
import type { Key } from "../answers.ts"
import { writeTo } from "../api.ts"
import { openHeldIdentity } from "./passkey.ts"
import { t } from "../../messages/message.ts"

export function openTestCopy(key: Key): Write {
    const path = `/api/keys/${key.id}/test` as const
    return {
        send: async () => {
            const { text } = await openCopy([key], () => path)
            return await writeTo("POST", path, { code: parseTestCode(text) ?? "" }).send()
        },
    }
}

/** Confirms a new key with the usable key that a passkey holds, unless the copy names another recipient. */
export function openConfirmationCopy({ id, recipient }: Key, usableKeys: readonly Key[]): Write {
    const path = `/api/keys/${id}/confirm` as const
    return {
        send: async () => {
            const { by, text } = await openCopy(usableKeys, (key) => `${path}?by=${key}`)
            const code = parseConfirmationCode(text, recipient)
            if (code === null) throw new Error(t("the confirmation copy names another key: confirm nothing"))
            return await writeTo("POST", path, { by, code }).send()
        },
    }
}

/** Opens the copy for the one of these keys that the chosen passkey holds. */
async function openCopy(keys: readonly Key[], pathBy: (key: string) => `/api/keys/${string}`) {
    const held = await openHeldIdentity()
    const key = keys.find(({ recipient }) => recipient === held.recipient)
    if (key === undefined) throw new Error(t("this passkey holds another key: choose the passkey of this key"))
    const decrypter = new Decrypter()
    decrypter.addIdentity(held.identity)
    const sealed = new Uint8Array(await (await ask("GET", pathBy(key.id))).arrayBuffer())
    return { by: key.id, text: await decrypter.decrypt(sealed, "text") }
}
