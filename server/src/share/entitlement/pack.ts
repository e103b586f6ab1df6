/** A pack: the policies and limits that a program starts with, modelled on a public program. */
import type { Source } from "../../models/dated-source.ts"
import type { Schedule } from "../waves/wave.ts"

/** A policy with its examples. */
export interface PolicyText {
    readonly name: string
    /** In the Cedar language, with the vocabulary of schema.ts. */
    readonly text: string
    /** The policy's own examples, in the format of example.ts. */
    readonly examples: string
}

/** A public page that a pack follows. */
export interface SourcePage extends Source {
    /** A summary of the page, and where the pack differs from it. */
    readonly summary: string
    /** The date of the copy that was compared; null where the copy has no date. */
    readonly copyDate: string | null
}

/** A set of policies, rules and a schedule that follows a public program. */
export interface Pack {
    readonly name: string
    /** One line that helps to choose a pack. */
    readonly description: string
    /** The page whose rules the pack follows. */
    readonly source: SourcePage
    readonly schedule: Schedule
    /** The maximum length of an embargo in days, from its agreement to its end. */
    readonly embargoDaysMax: number
    /**
     * The longest embargo, in days, to which the agreement gives advance consent; 0 where partners are invited to every
     * case.
     */
    readonly longestEmbargoDays: number
    /** The policy versions to add; the first is activated. */
    readonly policies: readonly PolicyText[]
}
