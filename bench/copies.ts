/** Copies a second on one core: 20 KB of Markdown, each marked for another partner and sealed to its key. */
import { createCipheriv, createSecretKey, diffieHellman, generateKeyPairSync, randomBytes } from "node:crypto"
import { generateX25519Identity, identityToRecipient } from "age-encryption"
import { sealWithX25519 } from "../server/src/platform/crypto/seal.ts"
import { loadMaster } from "../server/src/share/artifacts/actions/load-artifacts.ts"
import { prepareMarks } from "../server/src/share/marking/actions/mark-copy.ts"
import { type Figure, compareWithLimits, formatPercent, perSecond, formatReading } from "./measure.ts"
import { type BenchProgram, system } from "./program.ts"

const rounds = 60
const timesARound = 100
const partners = 64
const ratioMin = 0.5

export async function measureCopies(world: BenchProgram): Promise<Figure> {
    const { artifacts } = world
    const marks = await world.acting(system, async (ctx) =>
        prepareMarks(ctx, await loadMaster(ctx, artifacts.technical, null)),
    )
    if (!marks) throw new Error("Markdown carries no marks")
    const recipients: string[] = []
    for (let n = 0; n < partners; n++) recipients.push(await identityToRecipient(await generateX25519Identity()))
    let next = 0
    const copyOne = (): Buffer => {
        const n = next++ % partners
        return sealWithX25519([recipients[n] ?? ""], marks.copyFor(`partner ${n}`))
    }
    const plain = marks.copyFor("partner 0")
    const sealed = copyOne()
    const bare = bareSealing(plain)
    const { measured, limits, ratios } = await compareWithLimits(
        rounds,
        () => perSecond(timesARound, () => copyOne()),
        [() => perSecond(timesARound, bare)],
    )
    const [limit, ratio] = [limits[0], ratios[0]]
    if (!limit || !ratio) throw new Error("nothing was measured")
    return {
        title: `Marked and sealed copies, ${plain.length} bytes, ${marks.slots.length} slots, one core`,
        lines: [
            [
                `marked for its partner, padded, sealed by age (${sealed.length} bytes)`,
                formatReading(measured, "a second"),
            ],
            ["limit: X25519 key and agreement, ChaCha20-Poly1305 of the same bytes", formatReading(limit, "a second")],
            ["of the limit", formatPercent(ratio)],
        ],
        target: { text: "50 % of the limit", isMet: ratio.median >= ratioMin },
    }
}

/** The minimum for sealing to a key: a fresh key, one key agreement, and one pass of the cipher. */
function bareSealing(plain: Buffer): () => void {
    const { publicKey } = generateKeyPairSync("x25519")
    const nonce = randomBytes(12)
    return () => {
        const freshKey = generateKeyPairSync("x25519")
        const secret = diffieHellman({ privateKey: freshKey.privateKey, publicKey })
        const cipher = createCipheriv("chacha20-poly1305", createSecretKey(secret), nonce, { authTagLength: 16 })
        cipher.update(plain)
        cipher.final()
        cipher.getAuthTag()
    }
}
