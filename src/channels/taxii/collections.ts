/**
 * The two collections of a partner: its warnings, to read; and its sightings, to write, to read back and to delete from. Which
 * objects are in one is found out at each request, and since when is kept for each reader.
 */
import { hide } from "../../platform/http.ts"
import { commonId } from "../../share/delivery/actions/names.ts"
import { partnerOf } from "../../share/delivery/actions/projection.ts"
import type { Dated, Listed } from "../../share/delivery/actions/rows.ts"
import { type Kept, keptNow } from "../../share/delivery/actions/shown.ts"
import {
    type KeptObject,
    deleteOwn,
    nameOfObject,
    ownObjects,
    ownObjectsCalled,
    ownObjectsFingerprint,
    textsOf,
} from "../../trace/sightings/actions/objects.ts"
import type { Act } from "../../trust/audit/actions.ts"
import { type Asked, type Matched, afterOf, firstAfter, limitOf, matcherOf, pageOf } from "./asking.ts"
import { type Reading, positionOf } from "./next.ts"
import { warningObjects } from "./objects.ts"
import { type Carried, bytesOf, writtenOf } from "./written.ts"
import { stixType } from "./taxii.ts"

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
    /** Also whether one may delete: that takes reading and writing, and all are read. */
    readonly canWrite: boolean
    /** What is seen now, of one object (null: of all), as far as it is asked for. */
    readonly page: (act: Act, object: string | null, asked: Asked) => Promise<Page>
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

/** Who reads, whenever. */
export type Reader = Pick<Act, "actor" | "doors">

/** A UUIDv4, as TAXII requires; another one for each partner, so that it tells nothing. */
const idOf = (reader: Reader, { name }: Collection): string =>
    commonId(reader.doors.keys, "taxii-collections", [partnerOf(reader).partner, name])

export const allCollections = (act: Act) => collections.map((one) => presentedCollection(act, one))

export function presentedCollection(act: Act, of: Collection) {
    const { title, description, canWrite } = of
    const is = { id: idOf(act, of), title, description }
    return { ...is, can_read: true, can_write: canWrite, media_types: [stixType] }
}

/**
 * By its id or its name; hides what is none of this partner's. The name is not listed as an `alias`: clients such as
 * taxii2-client refuse a collection whose address lacks its id.
 */
export function collectionOf(reader: Reader, called: string): Collection {
    return collections.find((one) => called === one.name || called === idOf(reader, one)) ?? hide()
}

interface Chosen<One> {
    readonly collection: Collection["name"]
    readonly all: Listed<Dated<One>>
    readonly sizeOf: (one: One) => number
}

/** Those that come after what was had, and fit. */
function chosen<One extends Matched>(
    { actor, doors }: Reader,
    { collection, all, sizeOf }: Chosen<One>,
    asked: Asked,
): Pick<Page, "collection" | "more"> & { readonly items: Dated<One>[] } {
    const { person } = partnerOf({ actor })
    const limit = limitOf(asked)
    const after = afterOf(asked, (next) => positionOf(doors.keys, { person, collection }, next))
    const fits = matcherOf(asked, all)
    const from = firstAfter(all, after)
    return { collection, ...pageOf(all, { from, limit, fits: ({ of }) => fits(of), sizeOf: ({ of }) => sizeOf(of) }) }
}

/** All that there is of one object; hides one that is not there. */
function ofOne<One extends Matched>(all: Listed<Dated<One>>, object: string | null): Listed<Dated<One>> {
    if (object === null) return all
    const its = Iterator.from(all)
        .filter(({ of }) => of.id === object)
        .toArray()
    return its.length === 0 ? hide() : its
}

async function warningsPage(act: Act, object: string | null, asked: Asked): Promise<Page> {
    return pageIn(act, ofOne(await keptNow(act, warningObjects), object), asked)
}

/** Of warnings. */
export function pageIn(reader: Reader, all: Listed<Seen>, asked: Asked): Page {
    return chosen(reader, { collection: "warnings", all, sizeOf: bytesOf }, asked)
}

interface Own extends KeptObject, Matched {
    /** Of its row; its `id` is a keyed hash until it is opened. */
    readonly row: string
}

const asOwn = (one: KeptObject): Own => ({ ...one, row: one.id, id: one.name, specVersion: "2.1" })

const ownKept: Kept<Own> = {
    collection: "sightings",
    see: async (act) => ({
        fingerprint: await ownObjectsFingerprint(act),
        all: async () => (await ownObjects(act)).map(asOwn),
    }),
    keyOf: ({ id, version }) => `sighting ${id} ${version}`,
    bytesOf: () => 0,
}

/** Only what stands on the page is opened. */
async function sightingsPage(act: Act, object: string | null, asked: Asked): Promise<Page> {
    const all = await keptNow(act, ownKept)
    const name = (id: string) => (id === "" ? "" : nameOfObject(act, id))
    const ids = asked["match[id]"]?.split(",").map(name).join(",")
    const its = ofOne(all, object === null ? null : name(object))
    const { items, ...rest } = chosen(
        act,
        { collection: "sightings", all: its, sizeOf: charsOf },
        { ...asked, ...(ids !== undefined && { "match[id]": ids }) },
    )
    const opened = await textsOf(
        act,
        items.map(({ of }) => of.row),
    )
    const open = ({ row, type, version, specVersion, case: of }: Own): readonly Carried[] => {
        const text = opened.get(row) ?? ""
        const { id } = JSON.parse(text) as { id: string }
        const object = { id, type, version, specVersion, text }
        return writtenOf("", { case: of, master: null, objects: [object], markings: [] }).objects
    }
    const dated = ({ of: own, added, delivered }: Dated<Own>) => open(own).map((of) => ({ of, added, delivered }))
    return { ...rest, items: items.flatMap(dated) }
}

const charsOf = ({ chars }: Own): number => chars

/** Every version of an object of the sightings, unless some are asked for; hides one that is not there. */
export async function deleteOf(act: Act, object: string, asked: Asked): Promise<void> {
    const all = (await ownObjectsCalled(act, [object])).map((one) => ({ one, of: asOwn(one) }))
    const fits = matcherOf({ "match[version]": "all", ...asked }, all)
    if (all.length === 0) hide()
    await deleteOwn(
        act,
        object,
        all.flatMap(({ one, of }) => (fits(of) ? one : [])),
    )
}
