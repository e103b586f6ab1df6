/** The files of released versions, from which the test of upgrades starts. */
import fs from "node:fs"

/** What `tocsin demo --credentials` writes. */
export interface Credentials {
    readonly console: string
    readonly portal: string
    readonly operators: readonly { readonly roles: readonly string[]; readonly token: string }[]
    readonly partners: readonly {
        readonly roles: readonly string[]
        readonly token: string
        readonly identity: string
    }[]
}

export interface ReleaseFixture {
    /** The program time of the answers. */
    readonly clock: string
    /** Of the key file. */
    readonly key: string
    /** Opens the backup. */
    readonly identity: string
    readonly staff: readonly { readonly roles: readonly string[]; readonly token: string }[]
    readonly lead: { readonly token: string; readonly identity: string }
    /** What the released version answered. */
    readonly answers: {
        readonly cases: readonly string[]
        readonly partners: readonly string[]
        readonly warnings: readonly {
            readonly id: string
            readonly title: string
            readonly artifacts: readonly { readonly id: string; readonly available: boolean }[]
        }[]
        /** The lead's marked copy, opened. */
        readonly copy: { readonly artifact: string; readonly sha256: string }
    }
}

export const releasesFolder = "test/fixtures/releases"

/** The versions that have files, oldest first. */
export const releasedVersions = (): string[] =>
    fs
        .readdirSync(releasesFolder)
        .filter((name) => name.endsWith(".age"))
        .map((name) => name.replace(/\.age$/, ""))
        .toSorted((a, b) => a.localeCompare(b, "en", { numeric: true }))
