/**
 * What a portal answers to a partner's own program, and what it can be asked.
 */
import type { presentRecall } from "../channels/portal/recalls.ts"
import type { presented } from "../channels/portal/routes.ts"
import type { presentOwn } from "../channels/portal/sightings.ts"
import type { Status } from "../channels/taxii/posting.ts"
import type { OwnCircle } from "../trust/partners/actions/own-circles.ts"
import type { Result } from "../share/delivery/result.ts"
import type { ProtectionState } from "../lib/partner-api/limits.ts"
import type { presentProtection } from "../trace/sightings/routes.ts"
import type { ClockQuality } from "../lib/partner-api/limits.ts"
import type { ShownHead } from "../trust/receipts/actions/showing.ts"
import type { presentAcceptance, presentFacts, presentKey, presentPerson } from "../trust/partners/routes/answers.ts"

/** What the partner may see of a case; instants are written as RFC 3339, in UTC. */
export type Warning = ReturnType<typeof presented>
export type WarnedArtifact = Warning["artifacts"][number]
/** What the partner holds, or held, of what the operator called back; `confirmedAt`: its word that it was deleted. */
export type Recall = ReturnType<typeof presentRecall>
export type Person = ReturnType<typeof presentPerson>
export type Key = ReturnType<typeof presentKey>
export type Head = Omit<ShownHead, "at"> & { readonly at: string }

export interface Me {
    readonly person: Person
    readonly partner: ReturnType<typeof presentFacts> & {
        readonly name: string
        readonly mail: string
        readonly roster: readonly Person[]
        readonly keys: readonly Key[]
        readonly acceptances: readonly ReturnType<typeof presentAcceptance>[]
    }
}

export interface Copy {
    /** An age file, sealed to the partner's keys. */
    readonly bytes: Uint8Array
    /** The version that was fetched. */
    readonly version: number
    /** What `receipt` is asked with. */
    readonly receipt: string
    /** The file's name as the program calls it. From outside: check it before it becomes a path. */
    readonly name: string
}

export interface Confirmed {
    /** How many artifacts were confirmed for the first time. */
    readonly acknowledged: number
    /** What `receipt` is asked with, of all that is confirmed of the warning. */
    readonly receipts: readonly string[]
}

export interface NewResult extends Result {
    readonly version: number
}

/** What was seen of the exploitation of what a warning is of. */
export interface NewSighting {
    /** A UUID of your own: told again with it, also after an outage, it is one report. Without one, it is made. */
    readonly id?: string
    /** RFC 3339, with its offset; of a zero report, until when you looked. */
    readonly seenAt: string
    /** Makes it a zero report: you looked since then, and saw nothing. */
    readonly lookedSince?: string | null
    readonly clock: ClockQuality
    readonly product?: string
    readonly indicators?: readonly string[]
    /** In percent. */
    readonly confidence?: number | null
    readonly note?: string
}

/** How far this partner is with protection against what a warning is of. */
export interface NewProtection {
    readonly state: ProtectionState
    /** RFC 3339, with its offset: of `protected` since when, of `coming` from when, where that is known. */
    readonly since?: string | null
    /** Of `need more`: what is missing. */
    readonly note?: string
}

export type OwnProtection = ReturnType<typeof presentProtection> & { readonly warning: string }

/** What this partner reported; `id` is its own. */
export type OwnSighting = ReturnType<typeof presentOwn>
/** An event of MISP, in its core format. */
export interface MispEvent {
    readonly Event: object
}
/** What became of each STIX object that was posted. */
export type SightingStatus = Status

/** Every verb throws `ApiRefusal` when the program says no, and `NoAnswer` when nothing could be had from it. */
export interface Portal {
    /** Everything that the partner may see now. */
    readonly warnings: () => Promise<Warning[]>
    readonly warning: (id: string) => Promise<Warning>
    /** A warning for the partner's MISP, with its texts unmarked. Each is put on record. */
    readonly misp: (warning: string) => Promise<MispEvent>
    /** Which of the partner's persons see a warning; a lead's to ask, as is the next. */
    readonly circle: (warning: string) => Promise<OwnCircle>
    /** Lets only these persons see it, a lead among them; null: everybody on the roster again. */
    readonly setCircle: (warning: string, persons: readonly string[] | null) => Promise<void>
    /** The partner's own copy. Each fetch is put on record, one that is cut short too. */
    readonly copy: (artifact: string) => Promise<Copy>
    /** Confirms what was fetched of a warning. */
    readonly acknowledge: (warning: string) => Promise<Confirmed>
    /** The recalls that last, of what the partner holds, the newest first. */
    readonly recalls: () => Promise<Recall[]>
    /** A person's word that the partner's copies of what was recalled are gone; gives what `receipt` is asked with. */
    readonly confirmDeletion: (recall: string) => Promise<string>
    /** What a tester found of a version that it holds; a later result takes the place of the earlier. Gives its id. */
    readonly reportResult: (artifact: string, result: NewResult) => Promise<string>
    /** Reports exploitation of what a warning is of, or that none was seen. Gives the report's id. */
    readonly reportSighting: (warning: string, sighting: NewSighting) => Promise<string>
    /** Takes back what was reported; the operator still sees it, as withdrawn. */
    readonly withdrawSighting: (id: string) => Promise<void>
    /**
     * Reports by STIX 2.1: sightings of what the warnings show, by its id there, and what they carry. Each object is taken or
     * not by itself; what was taken before is a success.
     */
    readonly postSightings: (objects: readonly object[]) => Promise<SightingStatus>
    /** What this partner reported, the newest first. */
    readonly sightings: () => Promise<OwnSighting[]>
    /** Says how far the partner is; the newest counts, and said again it is nothing new, unless it is owed anew. */
    readonly protect: (warning: string, protection: NewProtection) => Promise<void>
    /** What this partner said of its protection, the newest first. */
    readonly protections: () => Promise<OwnProtection[]>
    /** The proof of a fetch, an acknowledgement or a deletion, as text; refused with `receipt.not_published_yet` until the next batch is out. */
    readonly receipt: (id: string) => Promise<string>
    readonly me: () => Promise<Me>
    /** Adds an age recipient (`age1…`); the first is usable at once, later ones after a day. */
    readonly addKey: (recipient: string) => Promise<Key>
    /** An age file that is sealed to this key alone, with a code in it. */
    readonly testCopy: (key: string) => Promise<Uint8Array>
    /** Tells by that code that it was opened. */
    readonly proveKey: (key: string, code: string) => Promise<void>
    /** The newest signed head of the partners' log; refused with `receipt.no_batch` before the first. */
    readonly checkpoint: () => Promise<Head>
    /** The proof (RFC 6962), in hex, that the log of `to` batches contains that of `from`. */
    readonly consistency: (from: number, to: number) => Promise<readonly string[]>
}
