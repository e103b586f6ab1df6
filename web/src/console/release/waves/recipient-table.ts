/** Who gets which class of artifact by a wave, and from when they get the rest. Pure. */
import { artifactClasses } from "../../../../../server/src/share/artifacts/artifact.ts"
import type { Approval, Entitlement } from "../../answers.ts"

type ArtifactClass = (typeof artifactClasses)[number]

/** `given`: by this wave. `had`: by an earlier wave. `later`: at publication or in a later wave. */
export type Grant = "given" | "had" | "later" | "withheld"

export interface Cell {
    readonly grant: Grant
    /** How many artifacts of the class have this grant, of how many. */
    readonly count: number
    readonly of: number
}

export interface Column {
    readonly name: ArtifactClass
    readonly artifacts: readonly string[]
}

type GivenBy = Pick<Approval["effects"], "recipients" | "artifacts" | "recipientGroups">

/** Returns the columns: the classes in their order, each with its artifacts. */
export function columnsOf(artifacts: readonly { readonly id: string; readonly class: ArtifactClass }[]): Column[] {
    return artifactClasses.flatMap((name) => {
        const ofClass = artifacts.filter((artifact) => artifact.class === name).map(({ id }) => id)
        return ofClass.length === 0 ? [] : [{ name, artifacts: ofClass }]
    })
}

/** Returns whether these effects give an artifact to a partner. */
export function isGiven({ recipients, artifacts, recipientGroups }: GivenBy, partner: string, artifact: string) {
    const groups = recipientGroups ?? [{ recipients, artifacts }]
    return groups.some(
        (group) => group.recipients.includes(partner) && group.artifacts.some((item) => item.artifact === artifact),
    )
}

/** Returns what a partner gets of one class. The strongest grant is shown. */
export function cellOf(grants: readonly Grant[]): Cell {
    const order: readonly Grant[] = ["given", "had", "later", "withheld"]
    const grant = order.find((item) => grants.includes(item)) ?? "withheld"
    return { grant, count: grants.filter((item) => item === grant).length, of: grants.length }
}

/** Returns the grant of an artifact that these effects do not give. */
export function otherGrant(entitlement: Entitlement | undefined, at: string | null): Grant {
    const from = entitlement?.decision.from ?? null
    if (from === null) return "withheld"
    return at !== null && from < at ? "had" : "later"
}
