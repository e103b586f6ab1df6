/** Archives for tests, valid and malicious: the container's statements are arguments separate from its content. */
import { crc32, deflateRawSync } from "node:zlib"

export interface ZipFile {
    readonly name: string
    readonly content: Uint8Array | string
    /** What the container states instead of the true values. */
    readonly declared?: { readonly size?: number; readonly crc32?: number; readonly packedSize?: number }
    /** Packed content, which is not packed again. */
    readonly packed?: Buffer
    readonly isStored?: boolean
    readonly method?: number
    readonly flags?: number
    readonly unixMode?: number
    /** The number of the file whose header this entry uses, so that both share their bytes. */
    readonly sharesWith?: number
    /** Puts sizes and offset in the extra field. */
    readonly isZip64?: boolean
}

export interface ZipOverrides {
    readonly count?: number
    readonly directoryAt?: number
}

export function zipOf(files: readonly ZipFile[], overrides: ZipOverrides = {}): Buffer {
    const locals: Buffer[] = []
    const centralHeaders: Buffer[] = []
    const places: number[] = []
    let at = 0
    for (const file of files) {
        const content = Buffer.from(file.content)
        const packed = file.packed ?? (file.isStored ? content : deflateRawSync(content, { level: 9 }))
        const name = Buffer.from(file.name)
        const facts = {
            crc: file.declared?.crc32 ?? crc32(content),
            size: file.declared?.size ?? content.length,
            packed: file.declared?.packedSize ?? packed.length,
            place: file.sharesWith === undefined ? at : (places[file.sharesWith] ?? 0),
            method: file.method ?? (file.isStored ? 0 : 8),
        }
        places.push(facts.place)
        if (file.sharesWith === undefined) {
            const local = Buffer.alloc(30)
            local.writeUInt32LE(0x04034b50, 0)
            local.writeUInt16LE(name.length, 26)
            locals.push(local, name, packed)
            at += 30 + name.length + packed.length
        }
        centralHeaders.push(centralHeader(file, name, facts))
    }
    const directory = Buffer.concat(centralHeaders)
    const end = Buffer.alloc(22)
    end.writeUInt32LE(0x06054b50, 0)
    end.writeUInt16LE(Math.min(overrides.count ?? files.length, 0xffff), 10)
    end.writeUInt32LE(directory.length, 12)
    end.writeUInt32LE(overrides.directoryAt ?? at, 16)
    const count = overrides.count ?? files.length
    const zip64 = count < 0xffff ? [] : zip64End(count, directory.length, at)
    return Buffer.concat([...locals, directory, ...zip64, end])
}

interface EntryFacts {
    readonly crc: number
    readonly size: number
    readonly packed: number
    readonly place: number
    readonly method: number
}

function centralHeader(file: ZipFile, name: Buffer, { crc, size, packed, place, method }: EntryFacts): Buffer {
    const extra = file.isZip64 ? Buffer.alloc(28) : Buffer.alloc(0)
    if (file.isZip64) {
        extra.writeUInt16LE(1, 0)
        extra.writeUInt16LE(24, 2)
        for (const [i, value] of [size, packed, place].entries()) extra.writeBigUInt64LE(BigInt(value), 4 + i * 8)
    }
    const header = Buffer.alloc(46)
    header.writeUInt32LE(0x02014b50, 0)
    header.writeUInt8(file.unixMode === undefined ? 0 : 3, 5)
    header.writeUInt16LE(file.flags ?? 0, 8)
    header.writeUInt16LE(method, 10)
    header.writeUInt32LE(crc, 16)
    header.writeUInt32LE(file.isZip64 ? 0xffffffff : packed, 20)
    header.writeUInt32LE(file.isZip64 ? 0xffffffff : size, 24)
    header.writeUInt16LE(name.length, 28)
    header.writeUInt16LE(extra.length, 30)
    header.writeUInt32LE(((file.unixMode ?? 0) << 16) >>> 0, 38)
    header.writeUInt32LE(file.isZip64 ? 0xffffffff : place, 42)
    return Buffer.concat([header, name, extra])
}

function zip64End(count: number, size: number, at: number): Buffer[] {
    const end = Buffer.alloc(56)
    end.writeUInt32LE(0x06064b50, 0)
    end.writeBigUInt64LE(BigInt(count), 32)
    end.writeBigUInt64LE(BigInt(size), 40)
    end.writeBigUInt64LE(BigInt(at), 48)
    const locator = Buffer.alloc(20)
    locator.writeUInt32LE(0x07064b50, 0)
    locator.writeBigUInt64LE(BigInt(at + size), 8)
    return [end, locator]
}

export interface TarFile {
    readonly name: string
    readonly content: Uint8Array | string
    readonly type?: string
    /** The raw bytes of the size field. */
    readonly sizeField?: Buffer
}

export function tarOf(files: readonly TarFile[], isEnded = true): Buffer {
    const blocks = files.flatMap(({ name, content, type = "0", sizeField }) => {
        const body = Buffer.from(content)
        const header = Buffer.alloc(512)
        header.write(name, 0, 100)
        header.write("0000644\0", 100)
        header.write(`${body.length.toString(8).padStart(11, "0")}\0`, 124)
        sizeField?.copy(header, 124)
        header.write(type, 156)
        header.write("ustar\0" + "00", 257)
        header.fill(0x20, 148, 156)
        const sum = header.reduce((total, byte) => total + byte, 0)
        header.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148)
        return [header, body, Buffer.alloc((512 - (body.length % 512)) % 512)]
    })
    return Buffer.concat([...blocks, Buffer.alloc(isEnded ? 1024 : 0)])
}
