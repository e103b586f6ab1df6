/** A pack: what a program starts with, for one of the ways in which warnings are shared today. */
import type { Source } from "../../models/dated-source.ts"
import type { Plan } from "../waves/wave.ts"

export interface PolicyText {
    readonly name: string
    /** In the Cedar language, of the vocabulary in schema.ts. */
    readonly text: string
    /** Its own tests, in the form of example.ts. */
    readonly examples: string
}

/** A public page that a pack follows. */
export interface Page extends Source {
    /** A summary of the page, and where the pack differs. */
    readonly says: string
    /** The day of the copy that was compared; null where the copy has no date. */
    readonly copyOf: string | null
}

export interface Pack {
    readonly name: string
    /** One line, for whoever chooses. */
    readonly about: string
    /** Whose rules it follows. */
    readonly source: Page
    readonly plan: Plan
    /** No embargo lasts longer, from its agreement to its end. */
    readonly embargoDaysMax: number
    /** The longest embargo that the agreement's acceptance is consent to; 0 where every case is asked about. */
    readonly longestEmbargoDays: number
    /** The first is put in force; the others stand by. */
    readonly policies: readonly PolicyText[]
}
