/** Signs approvals, with the viewer's passkey where the program asks for one. */
import type { Write } from "../../kit/api.ts"
import { assertionFor } from "../../kit/sign-in/passkeys.ts"
import { writeTo } from "../api.ts"

interface Signable {
    readonly id: string
    readonly effectsHash: string
}

/** One assertion covers all these approvals: all are signed, or none. */
export function signApprovals(signable: readonly Signable[], withPasskey: boolean): Write {
    const approvals = signable.map(({ id: approval, effectsHash }) => ({ approval, effectsHash }))
    if (!withPasskey) return writeTo("POST", "/api/approvals/sign", { approvals })
    return {
        send: async () => {
            const options = await writeTo("POST", "/api/approvals/signature-options", { approvals }).send()
            const assertion = await assertionFor(options)
            return await writeTo("POST", "/api/approvals/sign", { approvals, assertion }).send()
        },
    }
}
