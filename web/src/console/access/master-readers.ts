/** Lists the staff who could read another author's text of a class, each with its condition. Pure. */
import { hasPermission } from "../../../../server/src/kernel/permissions.ts"
import type { ArtifactClass } from "../../../../server/src/share/artifacts/artifact.ts"
import { needsConsent } from "../../../../server/src/share/marking/master-limit.ts"
import type { Colleague } from "../answers.ts"

/**
 * `alone`: to revise it, up to the hourly limit. `consent`: a second person signs each read. Both read an own marked
 * copy without a condition. `leak`: only the parts that a leak shows, as a member of its inquiry.
 */
export type MasterCondition = "alone" | "consent" | "leak"

export interface MasterReader {
    readonly person: Colleague
    readonly condition: MasterCondition
}

/** Lists the present staff who could read the master of an artifact that they did not write. */
export function masterReaders(staff: readonly Colleague[], artifactClass: ArtifactClass): MasterReader[] {
    return staff.flatMap((person): MasterReader[] => {
        const may = (permission: string) =>
            hasPermission({ kind: "operator", person: person.id, roles: person.roles }, permission)
        if (person.left) return []
        if (!may("artifact:read")) return may("evidence:read") ? [{ person, condition: "leak" }] : []
        const isAlone = may("artifact:write") && !needsConsent(artifactClass, false)
        return [{ person, condition: isAlone ? "alone" : "consent" }]
    })
}
