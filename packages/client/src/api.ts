/** What a portal answers to the programs of a partner, and what it can be asked. Instants are RFC 3339 texts in UTC. */
import type { ClockQuality, ProtectionState, Verdict } from "./limits.ts"

export type Tlp = "CLEAR" | "GREEN" | "AMBER" | "AMBER+STRICT" | "RED"
export type Pap = "CLEAR" | "GREEN" | "AMBER" | "RED"
export type ArtifactClass = "summary" | "technical" | "guidance" | "indicators" | "rules" | "repro" | "poc" | "patch"

export interface Vulnerability {
    readonly cve: string
    readonly cwe: string
    readonly vector: string
    readonly score: number | null
    readonly products: readonly { readonly vendor: string; readonly name: string; readonly fixedIn: string | null }[]
}

/** One artifact of a warning. `name` and `version` are null until it is available; `from` is when it was or will be. */
export interface WarnedArtifact {
    readonly id: string
    readonly class: ArtifactClass
    readonly tlp: Tlp
    readonly pap: Pap
    readonly name: string | null
    readonly available: boolean
    readonly version: number | null
    readonly from: string
    readonly fetchedAt: string | null
    readonly acknowledgedAt: string | null
    /** Versions that this partner fetched and did not confirm to have deleted, the oldest first. */
    readonly holds: readonly { readonly version: number; readonly at: string; readonly superseded: boolean }[]
}

/** What the partner holds, or held, of a recalled artifact. `confirmedAt`: when it confirmed the deletion. */
export interface Recall {
    readonly id: string
    readonly warning: string
    readonly artifact: string
    readonly class: ArtifactClass
    readonly name: string
    /** Versions that this partner held when they were recalled. */
    readonly versions: readonly number[]
    readonly at: string
    readonly confirmedAt: string | null
}

/** What the partner may see of a case. */
export interface Warning {
    readonly id: string
    readonly title: string
    readonly vulnerabilities: readonly Vulnerability[]
    readonly publication: string | null
    readonly published: boolean
    /** When the operator withdrew the warning: it will not be published, and nothing more is released. */
    readonly withdrawnAt: string | null
    /** What may be done with it before publication; null while the operator has not said. */
    readonly permission: { readonly deployment: string; readonly text: string } | null
    readonly artifacts: readonly WarnedArtifact[]
    readonly recalls: readonly Recall[]
}

export interface Person {
    readonly id: string
    readonly name: string
    readonly mail: string
    readonly roles: readonly string[]
    readonly left: boolean
}

/** An age recipient of the partner. Copies are sealed to it from `usableFrom` until `expiresAt`. */
export interface Key {
    readonly id: string
    readonly recipient: string
    readonly addedBy: string
    readonly addedAt: string
    readonly usableFrom: string
    readonly expiresAt: string
    readonly revokedAt: string | null
    /** When a test copy was first opened with it. */
    readonly testedAt: string | null
    /** When two staff members let it count at once. */
    readonly activatedEarlyAt: string | null
}

/** The newest checkpoint of the receipt log. */
export interface Head {
    /** Batches in the log. */
    readonly size: number
    /** Of the newest batch. */
    readonly at: string
    readonly verifierKey: string
    /** A C2SP checkpoint. */
    readonly checkpoint: string
    /** Until the next batch. */
    readonly nextInSeconds: number
}

/** A legal duty to report vulnerabilities to an authority. */
export interface ReportingDuty {
    readonly regime: string
    readonly appliesTo: string
    readonly trigger: string
    readonly deadlines: readonly { readonly report: string; readonly hours: number; readonly after: string }[]
    readonly authority: string
    readonly proofOfConceptDemanded: boolean
    readonly onwardSharingKnown: boolean
    readonly source: string
    readonly date: string
}

export interface Me {
    readonly person: Person
    readonly partner: {
        readonly id: string
        readonly name: string
        readonly mail: string
        readonly tier: string
        readonly standing: string
        readonly duties: readonly ReportingDuty[]
        readonly reportsBeforePublication: string
        readonly agreement: string
        /** Requirements past their grace period: content is withheld until they are met. */
        readonly overdue: readonly string[]
        readonly roster: readonly Person[]
        readonly keys: readonly Key[]
        readonly acceptances: readonly {
            readonly version: number
            readonly person: string
            readonly at: string
            readonly endsAt: string | null
        }[]
    }
}

/** Whether the access list of a warning has been narrowed, and who is on it. */
export interface OwnCircle {
    readonly narrowed: boolean
    readonly persons: readonly string[]
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

export interface NewResult {
    readonly version: number
    readonly verdict: Verdict
    /** Matches on what it must find; null if not counted. */
    readonly hits: number | null
    /** Matches on what it must not find; null if not counted. */
    readonly falsePositives: number | null
    /** On what it was tested, and how. */
    readonly environment: string
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

/** A protection status that this partner reported. */
export interface OwnProtection {
    readonly warning: string
    readonly person: string
    readonly state: ProtectionState
    readonly since: string | null
    readonly note: string
    readonly reportedAt: string
}

/** What this partner reported; `id` is its own. */
export interface OwnSighting {
    readonly id: string
    readonly warning: string
    readonly person: string
    readonly seenAt: string
    readonly lookedSince: string | null
    readonly clock: ClockQuality
    readonly product: string
    readonly indicators: readonly string[]
    readonly confidence: number | null
    readonly note: string
    readonly reportedAt: string
    readonly correctedAt: string | null
    readonly withdrawnAt: string | null
}
/** An event of MISP, in its core format. */
export interface MispEvent {
    readonly Event: object
}
/** What became of each STIX object that was posted. */
export interface SightingStatus {
    readonly id: string
    readonly status: "complete"
    readonly request_timestamp: string
    readonly total_count: number
    readonly success_count: number
    readonly successes?: readonly ObjectStatus[]
    readonly failure_count: number
    readonly failures?: readonly ObjectStatus[]
    readonly pending_count: 0
}

export interface ObjectStatus {
    readonly id: string
    readonly version: string
    readonly message?: string
}

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
