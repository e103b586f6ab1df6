/**
 * Manages the two collections of a partner: warnings to read, and sightings to write, read and delete. Each request
 * decides which objects are in one. When a reader first saw each object is stored.
 */
import { hide } from "../../kernel/route.ts"
import { commonId } from "../../share/delivery/actions/aliases.ts"
import { partnerOf } from "../../share/delivery/actions/projection.ts"
import type { Dated, Listed } from "../../share/feed/rows.ts"
import type { Feed } from "../../share/feed/actions/lease-feed.ts"
import { readFeed } from "../../share/feed/actions/read-feed.ts"
import {
    type KeptObject,
    deleteOwn,
    nameOfObject,
    ownObjects,
    ownObjectsCalled,
    ownObjectsFingerprint,
    textsOf,
} from "../../trace/sightings/actions/post-objects.ts"
import type { ActionContext } from "../../kernel/action-context.ts"
import { type Asked, type Matched, afterOf, firstAfter, limitOf, matcherOf, pageOf } from "./request.ts"
import { type Reading, positionOf } from "./page.ts"
import { warningObjects } from "./objects.ts"
import { type Carried, bytesOf, writtenOf } from "./encode.ts"
import { stixType } from "./protocol.ts"

export type Seen = Dated<Carried>

export interface Page {
    readonly collection: Collection["name"]
    readonly items: readonly Seen[]
    readonly more: boolean
}

export interface Collection {
    readonly name: Reading["collection"]
    readonly title: string
    readonly description: string
    /** Whether writing is allowed, and so deleting, which needs reading and writing. */
    readonly canWrite: boolean
    /** Reads what is visible now, of one object (null: all), as far as requested. */
    readonly page: (ctx: ActionContext, object: string | null, request: Asked) => Promise<Page>
}

const collections: readonly Collection[] = [
    {
        name: "warnings",
        title: "Warnings",
        description: "Warnings that you may read: under embargo, and published since.",
        canWrite: false,
        page: warningsPage,
    },
    {
        name: "sightings",
        title: "Sightings",
        description: "Sightings that you reported. No other partner reads them.",
        canWrite: true,
        page: sightingsPage,
    },
]

/** The reader, at any time. */
export type Reader = Pick<ActionContext, "actor" | "services">

/** Derives a UUIDv4, as TAXII requires, which differs by partner and so reveals nothing. */
const idOf = (reader: Reader, { name }: Collection): string =>
    commonId(reader.services.keys, "taxii-collections", [partnerOf(reader).partner, name])

/** Lists the collections. */
export const allCollections = (ctx: ActionContext) =>
    collections.map((collection) => presentCollection(ctx, collection))

/** Presents a collection. */
export function presentCollection(ctx: ActionContext, collection: Collection) {
    const { title, description, canWrite } = collection
    const is = { id: idOf(ctx, collection), title, description }
    return { ...is, can_read: true, can_write: canWrite, media_types: [stixType] }
}

/**
 * Finds a collection by id or name, and hides unknown ones. The name is not listed as an `alias`: clients such as
 * taxii2-client refuse a collection whose address lacks its id.
 */
export function collectionOf(reader: Reader, called: string): Collection {
    return collections.find((collection) => called === collection.name || called === idOf(reader, collection)) ?? hide()
}

interface Chosen<One> {
    readonly collection: Collection["name"]
    readonly all: Listed<Dated<One>>
    readonly sizeOf: (item: One) => number
}

/** Selects the objects after the last page that match. */
function chosen<One extends Matched>(
    { actor, services }: Reader,
    { collection, all: listed, sizeOf }: Chosen<One>,
    request: Asked,
): Pick<Page, "collection" | "more"> & { readonly items: Dated<One>[] } {
    const { person } = partnerOf({ actor })
    const limit = limitOf(request)
    const after = afterOf(request, (next) => positionOf(services.keys, { person, collection }, next))
    const fits = matcherOf(request, listed)
    const from = firstAfter(listed, after)
    return {
        collection,
        ...pageOf(listed, {
            from,
            limit,
            fits: ({ of: subject }) => fits(subject),
            sizeOf: ({ of: subject }) => sizeOf(subject),
        }),
    }
}

/** Selects all versions of one object, and hides an unknown one. */
function ofOne<One extends Matched>(listed: Listed<Dated<One>>, object: string | null): Listed<Dated<One>> {
    if (object === null) return listed
    const views = Iterator.from(listed)
        .filter(({ of: subject }) => subject.id === object)
        .toArray()
    return views.length === 0 ? hide() : views
}

async function warningsPage(ctx: ActionContext, object: string | null, request: Asked): Promise<Page> {
    return pageIn(ctx, ofOne(await readFeed(ctx, warningObjects), object), request)
}

/** Builds a page of warnings. */
export function pageIn(reader: Reader, listed: Listed<Seen>, request: Asked): Page {
    return chosen(reader, { collection: "warnings", all: listed, sizeOf: bytesOf }, request)
}

interface Own extends KeptObject, Matched {
    /** The id of the row; `id` is a keyed hash until decryption. */
    readonly row: string
}

const asOwn = (row: KeptObject): Own => ({ ...row, row: row.id, id: row.name, specVersion: "2.1" })

const ownKept: Feed<Own> = {
    collection: "sightings",
    see: async (ctx) => ({
        fingerprint: await ownObjectsFingerprint(ctx),
        all: async () => (await ownObjects(ctx)).map(asOwn),
    }),
    keyOf: ({ id, version }) => `sighting ${id} ${version}`,
    bytesOf: () => 0,
}

/** Builds a page of sightings, and decrypts only its objects. */
async function sightingsPage(ctx: ActionContext, object: string | null, request: Asked): Promise<Page> {
    const rows = await readFeed(ctx, ownKept)
    const name = (id: string) => (id === "" ? "" : nameOfObject(ctx, id))
    const ids = request["match[id]"]?.split(",").map(name).join(",")
    const listed = ofOne(rows, object === null ? null : name(object))
    const { items, ...rest } = chosen(
        ctx,
        { collection: "sightings", all: listed, sizeOf: charsOf },
        { ...request, ...(ids !== undefined && { "match[id]": ids }) },
    )
    const opened = await textsOf(
        ctx,
        items.map(({ of: subject }) => subject.row),
    )
    const open = ({ row, type, version, specVersion, case: caseId }: Own): readonly Carried[] => {
        const text = opened.get(row) ?? ""
        const { id } = JSON.parse(text) as { id: string }
        const object = { id, type, version, specVersion, text }
        return writtenOf("", { case: caseId, master: null, objects: [object], markings: [] }).objects
    }
    const dated = ({ of: own, added, delivered }: Dated<Own>) =>
        open(own).map((carried) => ({ of: carried, added, delivered }))
    return { ...rest, items: items.flatMap(dated) }
}

const charsOf = ({ chars }: Own): number => chars

/** Deletes all versions of a sightings object, or the requested ones. Hides an unknown object. */
export async function deleteOf(ctx: ActionContext, object: string, request: Asked): Promise<void> {
    const list = (await ownObjectsCalled(ctx, [object])).map((row) => ({ one: row, of: asOwn(row) }))
    const fits = matcherOf({ "match[version]": "all", ...request }, list)
    if (list.length === 0) hide()
    await deleteOwn(
        ctx,
        object,
        list.flatMap(({ one: row, of: subject }) => (fits(subject) ? row : [])),
    )
}
