/**
 * What may be done with what a warning tells before publication: a rule of the one case, and the same for all who are
 * warned of it. Xen's predisclosure list has such a rule in each of its advisories.
 */
import { refuse } from "@tocsin/base/refusal"
import { assertNoSlots } from "./case.ts"

/** Of fixes and mitigations, while it is secret. `hosted`: only where nobody outside could see the change. */
export const deployments = ["allowed", "hosted", "not allowed"] as const
export type Deployment = (typeof deployments)[number]

/** Ciphertext in the database. */
export interface Permission {
    readonly deployment: Deployment
    /** In the operator's own words: which versions, which mitigations, what would give it away. */
    readonly text: string
}

export const permissionTextMax = 4000

export function validatePermission({ text }: Permission): void {
    if (!(text.trim() !== "" && text.length <= permissionTextMax)) {
        refuse("invalid", "deployment_permission.bad_text", `say it in 1 to ${permissionTextMax} characters`)
    }
    assertNoSlots([text])
}
