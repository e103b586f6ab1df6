/**
 * Serves each partner a CSAF provider of what it may see before publication, by label, with all parts of a trusted
 * provider. Each read is decided and recorded, as with TAXII. Nothing is stored.
 */
import { createHash } from "node:crypto"
import { Type } from "typebox"
import { revisedAt } from "@tocsin/formats/advisory/advisory"
import type { Json } from "@tocsin/base/canonical"
import { type CsafVersion, type Collection, csafFile, csafVersions } from "@tocsin/formats/csaf/document"
import { directoryPage, yearPage } from "@tocsin/formats/csaf/directory"
import {
    changesLine,
    entryOf,
    feedPath,
    indexLine,
    providerMetadata,
    rolieFeed,
    serviceDocument,
} from "@tocsin/formats/csaf/provider"
import type { Instant } from "@tocsin/base/instant"
import { type Route, Text, hide } from "../../kernel/route.ts"
import { publisherOf } from "../../platform/config/publisher.ts"
import { type ActionContext, route } from "../../kernel/action-context.ts"
import { partnerOf } from "../../share/delivery/actions/projection.ts"
import { recordPage } from "../../share/feed/actions/record-page.ts"
import type { Dated } from "../../share/feed/rows.ts"
import { readUnkeptFeed } from "../../share/feed/actions/read-feed.ts"
import { type Cuttable, versionOf, whileSeen } from "../../share/delivery/actions/check-in-flight.ts"
import { html, json } from "../../share/publication/documents.ts"
import { publisherKey, signTexts } from "../../share/publication/actions/sign-texts.ts"
import { type Carried, carriedTo, documentText } from "./documents.ts"
import { type OwnLabel, ownLabels, ownOffer, collectionOf } from "./collections.ts"

const plain = "text/plain; charset=utf-8"
const part = Type.String({ minLength: 1, maxLength: 200 })
const get = { side: "portal", method: "GET" } as const

/** The date of an empty feed. */
const never: Instant = 0

const publisher = ({ services }: ActionContext) => publisherOf(services.publishing, services.portalOrigin)
const written = (input: Json): Text => new Text(`${JSON.stringify(input, null, 2)}\n`, json)

/** Lists what this person may see under a label, newest first. */
async function seen(ctx: ActionContext, label: OwnLabel): Promise<Dated<Carried>[]> {
    const see = (then: ActionContext) => carriedTo(then, partnerOf(ctx).partner)
    const views = await readUnkeptFeed(ctx, "csaf", see, ({ advisory, number }) => `csaf ${advisory.id} ${number}`)
    return views
        .filter(({ of: carried }) => carried.label === label)
        .toSorted((a, b) => revisedAt(b.of.advisory) - revisedAt(a.of.advisory) || (idOf(a) < idOf(b) ? -1 : 1))
}

const idOf = ({ of: carried }: Dated<Carried>): string => carried.advisory.id

/** Records which cases the answer concerns, before it is sent. An empty answer records nothing. */
async function listed(
    ctx: ActionContext,
    kind: string,
    views: readonly Dated<Carried>[],
    answer: Text,
): Promise<Cuttable> {
    const [first] = views
    if (!first) return answer
    await recordPage(ctx, {
        channel: "csaf",
        collection: `${first.of.label} ${kind}`,
        hashed: answer.text,
        masters: [],
        fresh: [],
        freshAt: [],
        cases: [...new Set(views.map((view) => view.of.master.case))],
    })
    return seenStill(views, answer)
}

function seenStill(views: readonly Dated<Carried>[], answer: Text): Cuttable {
    const cases = [...new Set(views.map((view) => view.of.master.case))]
    return whileSeen(answer, { cases, versions: views.map((view) => versionOf(view.of.master)) })
}

/** Builds a feed. An entry's date is the later of its release to the reader and its last change. */
async function feed(ctx: ActionContext, label: OwnLabel, collection: Collection): Promise<Cuttable> {
    const isSigned = (await publisherKey(ctx)) !== null
    const list = (await seen(ctx, label)).map((view) => ({ ...view, at: Math.floor(view.added / 1000) }))
    const entries = list
        .toSorted((a, b) => b.added - a.added)
        .map(({ of: carried, at }) => {
            const updated = Math.max(at, revisedAt(carried.advisory))
            return { updated, text: entryOf(carried.advisory, { collection, isSigned, hasPage: false, updated }) }
        })
    const newest = Math.max(never, ...entries.map(({ updated }) => updated))
    const body = entries.map(({ text }) => text).join(",\n")
    const text = rolieFeed(publisher(ctx), { collection, service: ownOffer(collection.version).service }, newest, body)
    return await listed(ctx, "feed", list, new Text(text, json))
}

/** Serves a file of a collection, its hash or its signature. Missing and hidden files get the same answer. */
async function file(ctx: ActionContext, label: OwnLabel, version: CsafVersion, path: string): Promise<Cuttable> {
    const suffix = /\.(?:sha256|sha512|asc)$/.exec(path)?.[0] ?? ""
    const stem = path.slice(0, path.length - suffix.length)
    const view = (await seen(ctx, label)).find(({ of: carried }) => csafFile(carried.advisory) === stem) ?? hide()
    const text = documentText(view.of, version)
    if (suffix !== "") {
        const name = stem.slice(stem.indexOf("/") + 1)
        const beside = suffix === ".asc" ? await signatureOf(ctx, view.of, text) : hashLine(suffix, text, name)
        return await listed(ctx, suffix.slice(1), [view], new Text(beside, plain))
    }
    const { master } = view.of
    await recordPage(ctx, {
        channel: "csaf",
        collection: `${label} document`,
        hashed: text,
        cases: [master.case],
        masters: [master],
        ...(view.delivered ? { fresh: [], freshAt: [] } : { fresh: [{ master }], freshAt: [view.added] }),
    })
    return seenStill([view], new Text(text, json))
}

function hashLine(suffix: string, text: string, name: string): string {
    return `${createHash(suffix.slice(1)).update(text, "utf8").digest("hex")}  ${name}\n`
}

/** Signs as of the document's own instant, so that every request gets the same bytes. */
async function signatureOf(ctx: ActionContext, { advisory }: Carried, text: string): Promise<string> {
    if ((await publisherKey(ctx)) === null) hide()
    const [signature = ""] = await signTexts(ctx, [text], revisedAt(advisory))
    return signature
}

const filesOf = (views: readonly Dated<Carried>[]): string[] => views.map((view) => csafFile(view.of.advisory))

async function directory(
    ctx: ActionContext,
    label: OwnLabel,
    collection: Collection,
    address: string,
): Promise<Cuttable> {
    const views = await seen(ctx, label)
    return await listed(ctx, "directory", views, new Text(directoryPage(collection, filesOf(views), address), html))
}

/** Serves a year's directory. A year without documents for this partner does not exist. */
async function yearOf(ctx: ActionContext, label: OwnLabel, collection: Collection, year: string): Promise<Cuttable> {
    const views = (await seen(ctx, label)).filter((view) => csafFile(view.of.advisory).startsWith(`${year}/`))
    const isSigned = (await publisherKey(ctx)) !== null
    const page = yearPage(collection, year, filesOf(views), isSigned) ?? hide()
    return await listed(ctx, "directory", views, new Text(page, html))
}

function collectionRoutes(label: OwnLabel, version: CsafVersion): Route<ActionContext>[] {
    const collection = collectionOf(label, version)
    const { folder } = collection
    const list = (path: string, does: string, answer: (ctx: ActionContext) => Promise<Cuttable>) =>
        route({ ...get, path, permission: "copy:read", summary: `CSAF ${version} for this partner: ${does}` }, answer)
    const lines = (name: string, type: string, line: (carried: Carried) => string) =>
        list(`${folder}/${name}`, `${name} of TLP:${collection.label}`, async (ctx) => {
            const views = await seen(ctx, label)
            const text = views.map((view) => line(view.of)).join("")
            return await listed(ctx, name.replace(/\.\w+$/, ""), views, new Text(text, type))
        })
    return [
        list(feedPath(collection), `the feed of TLP:${collection.label}`, (ctx) => feed(ctx, label, collection)),
        lines("index.txt", plain, ({ advisory }) => indexLine(advisory)),
        lines("changes.csv", "text/csv; charset=utf-8", ({ advisory }) => changesLine(advisory, version)),
        ...[folder, `${folder}/`].map((path) =>
            list(path, `the directory of TLP:${collection.label}`, (ctx) => directory(ctx, label, collection, path)),
        ),
        route(
            {
                ...get,
                path: `${folder}/{year}/`,
                permission: "copy:read",
                summary: `CSAF ${version} for this partner: returns the directory of a year of TLP:${collection.label}`,
                params: Type.Object({ year: part }, { additionalProperties: false }),
            },
            (ask) => yearOf(ask, label, collection, ask.params.year),
        ),
        route(
            {
                ...get,
                path: `${folder}/{year}/{name}`,
                permission: "copy:read",
                summary:
                    `CSAF ${version} for this partner: returns a document, its hashes and its signature, and ` +
                    "records it first",
                params: Type.Object({ year: part, name: part }, { additionalProperties: false }),
            },
            (ask) => file(ask, label, version, `${ask.params.year}/${ask.params.name}`),
        ),
    ]
}

export const routes: readonly Route<ActionContext>[] = [
    ...csafVersions.map((version) =>
        route(
            {
                ...get,
                path: ownOffer(version).canonical,
                permission: "warning:read",
                summary: `CSAF ${version} for this partner: returns the provider metadata`,
            },
            async (ask) => {
                const key = await publisherKey(ask)
                // Returns the same metadata whatever there is to read, so that it reveals nothing.
                return written(providerMetadata(publisher(ask), ownOffer(version), key, key?.madeAt ?? never))
            },
        ),
    ),
    ...csafVersions.map((version) =>
        route(
            {
                ...get,
                path: ownOffer(version).service,
                permission: "warning:read",
                summary: `CSAF ${version} for this partner: lists the feeds`,
            },
            async (ask) => written(serviceDocument(publisher(ask), "CSAF feeds for you", ownOffer(version))),
        ),
    ),
    ...csafVersions.flatMap((version) => ownLabels.flatMap((label) => collectionRoutes(label, version))),
]
