/**
 * The deployment permission: what warned partners may deploy before publication. It belongs to one case and is the same
 * for all. Xen's predisclosure list has such a rule in each advisory.
 */

/** Deployment of fixes and mitigations before publication. `hosted_only`: where outsiders cannot see the change. */
export const deployments = ["allowed", "hosted_only", "not_allowed"] as const

/** The deployment permission of a case. */
export type Deployment = (typeof deployments)[number]

/** Encrypted in the database. */
export interface Permission {
    readonly deployment: Deployment
    /** The operator's conditions in words, such as which versions and mitigations. */
    readonly text: string
}

export const permissionTextMax = 4000
