/** Reads the identity providers from the file of the operator (docs/operate/sign-in.md). */
import fs from "node:fs"
import path from "node:path"
import { refuse } from "@tocsin/base/refusal"
import { type Static, Type } from "typebox"
import { Check, Errors } from "typebox/value"
import { closed } from "../../../../kernel/schemas.ts"
import type { ProviderSettings } from "../../../../platform/single-sign-on/identity-provider.ts"
import { isSecureAddress } from "../../../../platform/outgoing/named-host-fetch.ts"
import { operatorRoles, partnerRoles } from "../../person.ts"

const line = (maxLength: number) => Type.String({ minLength: 1, maxLength, pattern: "^[^\\p{C}]+$" })
const domain = Type.String({ maxLength: 253, pattern: "^[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?$" })
const role = Type.Union([...operatorRoles, ...partnerRoles].map((name) => Type.Literal(name)))

const providerEntry = Type.Object(
    {
        id: Type.String({ pattern: "^[a-z0-9][a-z0-9-]{0,31}$" }),
        name: line(60),
        issuer: line(500),
        clientId: line(200),
        clientSecretFile: line(4096),
        for: Type.Union([
            Type.Literal("staff"),
            Type.Object({ domains: Type.Array(domain, { minItems: 1, maxItems: 1000 }) }, closed),
        ]),
        roles: Type.Optional(Type.Record(line(200), Type.Array(role, { minItems: 1 }))),
        scimSecretFile: Type.Optional(line(4096)),
        scope: Type.Optional(Type.String({ maxLength: 200, pattern: "^openid(?: [\\w:./-]+)*$" })),
    },
    closed,
)

const providersFile = Type.Array(providerEntry, { maxItems: 100 })

type Entry = Static<typeof providerEntry>

/** Reads the file and the secrets that it names. Refuses what is not as documented, by its place in the file. */
export function readProviders(file: string): ProviderSettings[] {
    const entries = parse(readText(file, "the file of identity providers"), file)
    for (const [n, entry] of entries.entries()) assertConsistent(entry, n, entries)
    const secretIn = (name: string) => readSecret(path.resolve(path.dirname(file), name))
    const providers = entries.map(({ clientSecretFile, scimSecretFile, roles = null, scope = "openid", ...entry }) => ({
        ...entry,
        roles: roles as ProviderSettings["roles"],
        scope,
        clientSecret: secretIn(clientSecretFile),
        scimSecret: scimSecretFile === undefined ? undefined : secretIn(scimSecretFile),
    }))
    for (const [n, { scimSecret }] of providers.entries()) assertScimSecret(scimSecret, n, providers)
    return providers
}

/** Refuses a secret that does not fit into a header, and one of two providers. */
function assertScimSecret(secret: string | undefined, n: number, providers: readonly ProviderSettings[]): void {
    if (secret === undefined) return
    if (!/^[A-Za-z0-9_-]{40,64}$/.test(secret)) {
        refuseEntry(`\`/${n}/scimSecretFile\` needs 40 to 64 letters and digits: use \`openssl rand -hex 32\``)
    }
    const isShared = providers.some(({ scimSecret, clientSecret }, i) =>
        [i < n ? scimSecret : undefined, clientSecret].includes(secret),
    )
    if (isShared) refuseEntry(`\`/${n}/scimSecretFile\` has a secret that is used twice`)
}

function parse(text: string, file: string): Entry[] {
    let parsed: unknown
    try {
        parsed = JSON.parse(text)
    } catch {
        refuse("invalid", "identity.providers_invalid", `\`${file}\` is not JSON: correct it`)
    }
    if (Check(providersFile, parsed)) return parsed
    const [fault] = Errors(providersFile, parsed)
    refuseEntry(`\`${fault?.instancePath || "/"}\` ${fault?.message ?? "is not valid"}`)
}

/** Of a provider for partners: a stranger must not find out by guessing that it exists. */
const partnerIdMin = 16

/** Refuses two providers with one id or issuer, a short id, an address without https, and roles of the other side. */
function assertConsistent(entry: Entry, n: number, entries: readonly Entry[]): void {
    const earlier = entries.slice(0, n)
    if (earlier.some(({ id }) => id === entry.id)) refuseEntry(`\`/${n}/id\` is used twice`)
    if (entry.for !== "staff" && entry.id.length < partnerIdMin) {
        refuseEntry(`\`/${n}/id\` needs ${partnerIdMin} characters or more: choose random ones`)
    }
    // The same account would be two identities.
    if (earlier.some(({ issuer }) => issuer === entry.issuer)) refuseEntry(`\`/${n}/issuer\` is used twice`)
    const isPlain = !/[?#]/.test(entry.issuer) && isSecureAddress(entry.issuer)
    if (!isPlain) refuseEntry(`\`/${n}/issuer\` must be an https address without query`)
    const allowed: readonly string[] = entry.for === "staff" ? operatorRoles : partnerRoles
    for (const [group, roles] of Object.entries(entry.roles ?? {})) {
        if (!roles.every((name) => allowed.includes(name))) {
            refuseEntry(`\`/${n}/roles/${group}\` must have some of ${allowed.join(", ")}`)
        }
    }
}

function refuseEntry(fault: string): never {
    refuse("invalid", "identity.providers_invalid", `the file of identity providers: ${fault}`)
}

function readSecret(file: string): string {
    const text = readText(file, "a client secret").trim()
    if ((fs.statSync(file).mode & 0o077) !== 0) {
        refuse("forbidden", "identity.provider_secret_exposed", `others can read \`${file}\`: set its mode to 0600`)
    }
    if (text === "" || text.length > 1000) refuseEntry(`\`${file}\` is not a client secret`)
    return text
}

function readText(file: string, label: string): string {
    try {
        return fs.readFileSync(file, "utf8")
    } catch {
        return refuse("missing", "identity.providers_missing", `${label} cannot be read: check \`${file}\``)
    }
}
