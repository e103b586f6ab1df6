/**
 * Names the tiles of a tree (C2SP tlog-tiles): pieces of 256 hashes that prove any growth and any leaf.
 *
 * A tile at level L holds complete subtrees of 256^L leaves. The last tile of a level can be partial.
 */
import type { Place } from "./merkle.ts"

/** The number of hashes in a full tile. */
export const tileWidth = 256
/** 2^53 leaves have no tile above. */
const tileLevelMax = 6

/** A tile; `level` null: the entries behind the hashes of a tile at level 0. */
export interface Tile {
    readonly level: number | null
    readonly index: number
    /** 1 to 256. */
    readonly width: number
}

/** Writes the path of a tile, without the prefix: `tile/0/x001/067.p/12`. */
export function formatTilePath({ level, index, width }: Tile): string {
    const groups = [String(index % 1000).padStart(3, "0")]
    for (let rest = Math.floor(index / 1000); rest > 0; rest = Math.floor(rest / 1000)) {
        groups.unshift(`x${String(rest % 1000).padStart(3, "0")}`)
    }
    const partial = width === tileWidth ? "" : `.p/${width}`
    return `tile/${level ?? "entries"}/${groups.join("/")}${partial}`
}

/** Reads what `formatTilePath` writes; null for any other text. */
export function parseTilePath(path: string): Tile | null {
    const form = /^tile\/(entries|\d)\/((?:x\d{3}\/){0,4}\d{3})(?:\.p\/(\d{1,3}))?$/
    const [, level = "", groups = "", width] = form.exec(path) ?? []
    const tile = {
        level: level === "entries" ? null : Number(level),
        index: Number(groups.replaceAll(/[x/]/g, "")),
        width: width === undefined ? tileWidth : Number(width),
    }
    const isTile = tile.width >= 1 && (tile.level ?? 0) <= tileLevelMax && formatTilePath(tile) === path
    return isTile ? tile : null
}

/** Whether a tree of `size` leaves has all hashes of a tile. */
export function isTileIn({ level, index, width }: Tile, size: number): boolean {
    return index * tileWidth + width <= Math.floor(size / tileWidth ** (level ?? 0))
}

/** The first node of a tile; the others follow it on its level. */
export function firstPlace({ level, index }: Tile): Place {
    return { level: 8 * (level ?? 0), pos: index * tileWidth }
}
