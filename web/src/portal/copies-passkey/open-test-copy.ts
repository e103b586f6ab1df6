/** Opens the test copy of a key with the passkey that holds its identity, and confirms the code. */
import { Decrypter } from "age-encryption"
import { parseTestCode } from "@tocsin/client/test-copy"
import { ask, type Write } from "../../kit/api.ts"
import type { Key } from "../answers.ts"
import { writeTo } from "../api.ts"
import { openHeldIdentity } from "./passkey.ts"
import { t } from "../../messages/message.ts"

export function openTestCopy({ id, recipient }: Key): Write {
    const path = `/api/keys/${id}/test` as const
    return {
        send: async () => {
            const held = await openHeldIdentity()
            if (held.recipient !== recipient)
                throw new Error(t("this passkey holds another key: choose the passkey of this key"))
            const decrypter = new Decrypter()
            decrypter.addIdentity(held.identity)
            const sealed = new Uint8Array(await (await ask("GET", path)).arrayBuffer())
            const code = parseTestCode(await decrypter.decrypt(sealed, "text")) ?? ""
            return await writeTo("POST", path, { code }).send()
        },
    }
}
