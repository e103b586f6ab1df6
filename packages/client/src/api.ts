/** The portal API for a partner's tools: its answers and its calls. Instants are RFC 3339 texts in UTC. */
import type { KeyChange } from "./key-change.ts"
import type { ClockQuality, ProtectionState, Verdict } from "./limits.ts"
import type { SealedFormat } from "./sealed-format.ts"

/** A label of the Traffic Light Protocol 2.0, without the prefix `TLP:`. */
export type Tlp = "CLEAR" | "GREEN" | "AMBER" | "AMBER+STRICT" | "RED"

/** A label of the Permissible Actions Protocol, without the prefix `PAP:`. */
export type Pap = "CLEAR" | "GREEN" | "AMBER" | "RED"

/** The class of an artifact: its kind of content. */
export type ArtifactClass = "summary" | "technical" | "guidance" | "indicators" | "rules" | "repro" | "poc" | "patch"

/** A vulnerability of a warning. Missing texts are empty; `score` is a CVSS base score from 0.0 to 10.0. */
export interface Vulnerability {
    readonly cve: string
    readonly cwe: string
    readonly vector: string
    readonly score: number | null
    readonly products: readonly { readonly vendor: string; readonly name: string; readonly fixedIn: string | null }[]
}

/**
 * One artifact of a warning. `name` and `version` are null until it is available; `from` is the instant of its release,
 * past or future.
 */
export interface WarningArtifact {
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
    /** Versions that this partner fetched and whose deletion it did not confirm, oldest first. */
    readonly holds: readonly { readonly version: number; readonly at: string; readonly superseded: boolean }[]
}

/** A recall of an artifact that the partner holds or held. `confirmedAt` is when it confirmed the deletion. */
export interface Recall {
    readonly id: string
    readonly warning: string
    readonly artifact: string
    readonly class: ArtifactClass
    readonly name: string
    /** Versions that this partner held at the recall. */
    readonly versions: readonly number[]
    readonly at: string
    readonly confirmedAt: string | null
}

/** The parts of a case that the partner may see. */
export interface Warning {
    readonly id: string
    readonly title: string
    readonly vulnerabilities: readonly Vulnerability[]
    readonly publication: string | null
    readonly published: boolean
    /**
     * When the operator withdrew the warning; null if it did not. A withdrawn warning is not published, and nothing
     * more is released.
     */
    readonly withdrawnAt: string | null
    /** The deployment permission before publication; null until the operator sets it. */
    readonly permission: { readonly deployment: string; readonly text: string } | null
    readonly artifacts: readonly WarningArtifact[]
    readonly recalls: readonly Recall[]
}

/** A person on the partner's roster. */
export interface Person {
    readonly id: string
    readonly name: string
    readonly mail: string
    readonly roles: readonly string[]
    readonly left: boolean
}

/** An age recipient or OpenPGP certificate. Copies are sealed to it from `usableFrom` until `expiresAt`. */
export interface Key {
    readonly id: string
    /** `age1…`, `ssh-ed25519 …`, or `openpgp:PRIMARY/SUBKEY` with the fingerprints of a certificate. */
    readonly recipient: string
    readonly addedBy: string
    readonly addedAt: string
    /** Null: it waits until a usable key confirms it, or the operator's staff accept it. */
    readonly usableFrom: string | null
    readonly expiresAt: string
    readonly revokedAt: string | null
    /** When a test copy was first opened with the key; null if never. */
    readonly testedAt: string | null
    /** The key that confirmed it; null if none did. */
    readonly confirmedBy: string | null
    readonly confirmedAt: string | null
    /** When two staff members accepted the key; null if they did not. */
    readonly acceptedAt: string | null
}

/** The keys of the partner, and their changes. */
export interface KeyList {
    readonly keys: readonly Key[]
    /** Oldest first. */
    readonly changes: readonly KeyChange[]
}

/** The newest checkpoint of the receipt log. */
export interface Head {
    /** The number of batches in the log. */
    readonly size: number
    /** When the newest batch was built. */
    readonly at: string
    readonly verifierKey: string
    /** A C2SP checkpoint. */
    readonly checkpoint: string
    /** The newest checkpoint that enough witnesses signed, as the server sees it. Older servers do not send it. */
    readonly witnessed?: string | null
    /** Seconds until the next batch. */
    readonly nextInSeconds: number
    /** The number of changes of the partner's keys. */
    readonly keyChanges: number
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

/** The partner and the person that the token belongs to. */
export interface Account {
    readonly person: Person
    readonly partner: {
        readonly id: string
        readonly name: string
        readonly mail: string
        readonly tier: string
        readonly status: string
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

/** The access list of a warning: whether it is narrowed, and the people on it. */
export interface AccessList {
    readonly narrowed: boolean
    readonly people: readonly string[]
}

/** A fetched copy. */
export interface Copy {
    /** Sealed to the partner's keys. */
    readonly bytes: Uint8Array
    /** An age file, or an OpenPGP message for a partner without a usable age key. */
    readonly format: SealedFormat
    /** The version fetched. */
    readonly version: number
    /** The id to request the receipt with. */
    readonly receipt: string
    /** The file's name in the program. It comes from outside: check it before you use it as a path. */
    readonly name: string
}

/** The result of an acknowledgement. */
export interface Acknowledgement {
    /** The number of artifacts acknowledged for the first time. */
    readonly acknowledged: number
    /** The ids to request receipts with, for everything acknowledged of the warning. */
    readonly receipts: readonly string[]
}

/** A test result to report. */
export interface NewTestResult {
    readonly version: number
    readonly verdict: Verdict
    /** Matches on samples that must match; null if not counted. */
    readonly hits: number | null
    /** Matches on samples that must not match; null if not counted. */
    readonly falsePositives: number | null
    /** The environment and method of the test. */
    readonly environment: string
}

/** An observed exploitation of a vulnerability that the partner was warned about. */
export interface NewSighting {
    /**
     * Your own UUID. A repeated report with the same id, for example after an outage, counts once. Default: a new one.
     */
    readonly id?: string
    /** RFC 3339 with an offset. For a zero report, the instant until which you looked. */
    readonly observedAt: string
    /** Makes the report a zero report: you looked since this instant and saw nothing. */
    readonly zeroReportSince?: string | null
    readonly clock: ClockQuality
    readonly product?: string
    readonly indicators?: readonly string[]
    /** A percentage. */
    readonly confidence?: number | null
    readonly note?: string
}

/** The protection status that a partner reports for a warning. */
export interface NewProtectionStatus {
    readonly state: ProtectionState
    /** RFC 3339 with an offset. For `protected`, since when; for `in_progress`, from when, if known. */
    readonly since?: string | null
    /** What is missing; for `needs_more`. */
    readonly note?: string
}

/** A protection status that this partner reported. */
export interface ProtectionStatus {
    readonly warning: string
    readonly person: string
    readonly state: ProtectionState
    readonly since: string | null
    readonly note: string
    readonly reportedAt: string
}

/** A sighting that this partner reported; `id` is the partner's own. */
export interface Sighting {
    readonly id: string
    readonly warning: string
    readonly person: string
    readonly observedAt: string
    readonly zeroReportSince: string | null
    readonly clock: ClockQuality
    readonly product: string
    readonly indicators: readonly string[]
    readonly confidence: number | null
    readonly note: string
    readonly reportedAt: string
    readonly correctedAt: string | null
    readonly withdrawnAt: string | null
}
/** A MISP event in the MISP core format. */
export interface MispEvent {
    readonly Event: object
}
/** The status of each posted STIX object. */
export interface TaxiiStatus {
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

/** The status of one object that was sent by TAXII. */
export interface ObjectStatus {
    readonly id: string
    readonly version: string
    readonly message?: string
}

/**
 * The calls of the portal. Each throws `ApiRefusal` if the program refuses, and `NoAnswer` if there is no usable
 * answer.
 */
export interface Portal {
    /** Lists everything that the partner may see now. */
    readonly listWarnings: () => Promise<Warning[]>
    readonly loadWarning: (id: string) => Promise<Warning>
    /** Exports a warning for the partner's MISP, with unmarked texts. The audit log records each call. */
    readonly exportMisp: (warning: string) => Promise<MispEvent>
    /** Reads the access list of a warning. Only a lead may call this or `setAccessList`. */
    readonly loadAccessList: (warning: string) => Promise<AccessList>
    /**
     * Narrows the access list to these people; at least one must be a lead. Null restores access for everyone on the
     * roster.
     */
    readonly setAccessList: (warning: string, people: readonly string[] | null) => Promise<void>
    /** Fetches the partner's own copy. The audit log records each fetch, complete or not. */
    readonly fetchCopy: (artifact: string) => Promise<Copy>
    /** Acknowledges the fetched artifacts of a warning. */
    readonly acknowledge: (warning: string) => Promise<Acknowledgement>
    /** Lists active recalls of artifacts that the partner holds, newest first. */
    readonly listRecalls: () => Promise<Recall[]>
    /**
     * Confirms that the partner deleted its copies of a recalled artifact. Returns the id to request the receipt with.
     */
    readonly confirmDeletion: (recall: string) => Promise<string>
    /**
     * Reports a test result for a version that the tester holds, and returns its id. A later result replaces an earlier
     * one.
     */
    readonly reportResult: (artifact: string, result: NewTestResult) => Promise<string>
    /** Reports exploitation, or a zero report, and returns the report's id. */
    readonly reportSighting: (warning: string, sighting: NewSighting) => Promise<string>
    /** Withdraws a sighting. The operator still sees it, as withdrawn. */
    readonly withdrawSighting: (id: string) => Promise<void>
    /**
     * Posts sightings in STIX 2.1, of objects that the warnings show by id. Each object is accepted or refused
     * separately. An object that was accepted before is a success.
     */
    readonly postSightings: (objects: readonly object[]) => Promise<TaxiiStatus>
    /** Lists this partner's sightings, newest first. */
    readonly listSightings: () => Promise<Sighting[]>
    /** Reports the protection status. The newest counts. Repeating it adds nothing, unless a new follow-up is due. */
    readonly reportProtection: (warning: string, protection: NewProtectionStatus) => Promise<void>
    /** Lists this partner's protection statuses, newest first. */
    readonly listProtectionStatuses: () => Promise<ProtectionStatus[]>
    /**
     * Requests the proof of a fetch, an acknowledgement or a deletion, as text. Refuses `receipt.not_published_yet`
     * until the next batch is published.
     */
    readonly fetchReceipt: (id: string) => Promise<string>
    /**
     * Requests the same proof as C2SP tlog-proof, with the signatures of witnesses. Also refuses
     * `receipt.not_witnessed_yet` until enough of them have signed its batch.
     */
    readonly fetchReceiptProof: (id: string) => Promise<string>
    /** Reads the partner and the person behind the token. */
    readonly loadAccount: () => Promise<Account>
    /** Lists the partner's keys, and all changes of them, oldest first. `checkKeys` compares both with the receipts. */
    readonly listKeys: () => Promise<KeyList>
    /**
     * Adds an age recipient (`age1…`) or an armoured OpenPGP public key. The first is usable at once, a later one once
     * a usable key confirms it or the operator accepts it, 24 hours after it was added at the earliest where another
     * key is usable.
     */
    readonly addKey: (recipient: string) => Promise<Key>
    /** Fetches a file that is sealed to the usable key `by` alone, names the new key and contains a code. */
    readonly fetchConfirmationCopy: (key: string, by: string) => Promise<Uint8Array>
    /** Makes a new key usable at once, by the code in its confirmation copy. */
    readonly confirmKey: (key: string, by: string, code: string) => Promise<Key>
    /** Fetches a file that is sealed to this key alone and contains a code. */
    readonly fetchTestCopy: (key: string) => Promise<Uint8Array>
    /** Reports the code, to prove that the test copy was opened. */
    readonly submitTestCode: (key: string, code: string) => Promise<void>
    /** Reads the newest checkpoint of the receipt log. Refuses `receipt.no_batch` before the first batch. */
    readonly loadCheckpoint: () => Promise<Head>
    /** Reads the proof (RFC 6962), in hex, that the log of `to` batches contains the log of `from`. */
    readonly loadConsistencyProof: (from: number, to: number) => Promise<readonly string[]>
    /** Reads the checkpoints by which each former key of the receipt log names the next key, oldest first. */
    readonly listHandovers: () => Promise<readonly string[]>
}
