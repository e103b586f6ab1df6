/**
 * An authenticator in software, for tests: makes passkeys (ES256, attestation `none`) and assertions as a browser
 * returns them (W3C Web Authentication, level 3). Its options make it misbehave.
 */
import { type KeyObject, generateKeyPairSync, hash, randomBytes, sign } from "node:crypto"
import type { Assertion, Registration } from "../../server/src/trust/identity/passkeys/passkey.ts"

export interface Behaviour {
    readonly origin: string
    readonly rpId: string
    /** False: the user was present, but not verified. */
    readonly isVerified?: boolean
    /** Sets the counter of this answer. */
    readonly counter?: number
    /** `webauthn.get` for assertions by default. */
    readonly type?: string
    readonly userHandle?: string
}

const flags = { present: 0x01, verified: 0x04, attested: 0x40 }

export class Authenticator {
    readonly id = randomBytes(32)
    readonly #privateKey: KeyObject
    readonly #coseKey: Buffer
    #counter = 0

    constructor() {
        const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" })
        this.#privateKey = privateKey
        const { x = "", y = "" } = publicKey.export({ format: "jwk" })
        this.#coseKey = Buffer.concat([
            // A map of five: kty EC2, alg ES256, crv P-256, x, y.
            Buffer.from([0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21, 0x58, 0x20]),
            Buffer.from(x, "base64url"),
            Buffer.from([0x22, 0x58, 0x20]),
            Buffer.from(y, "base64url"),
        ])
    }

    /** Registers with this challenge. */
    create(challenge: string, behaviour: Behaviour): Registration {
        const length = Buffer.alloc(2)
        length.writeUInt16BE(this.id.length)
        const attested = Buffer.concat([Buffer.alloc(16), length, this.id, this.#coseKey])
        const authData = Buffer.concat([this.#header(behaviour, flags.attested), attested])
        const size = Buffer.alloc(2)
        size.writeUInt16BE(authData.length)
        const attestationObject = Buffer.concat([
            Buffer.from([0xa3]),
            Buffer.from([0x63, ...Buffer.from("fmt"), 0x64, ...Buffer.from("none")]),
            Buffer.from([0x67, ...Buffer.from("attStmt"), 0xa0]),
            Buffer.from([0x68, ...Buffer.from("authData"), 0x59]),
            size,
            authData,
        ])
        return {
            id: this.id.toString("base64url"),
            clientDataJSON: clientData(challenge, { type: "webauthn.create", ...behaviour }).toString("base64url"),
            attestationObject: attestationObject.toString("base64url"),
            transports: ["internal"],
        }
    }

    /** Signs this challenge. */
    get(challenge: string, behaviour: Behaviour): Assertion {
        this.#counter++
        const clientDataJSON = clientData(challenge, { type: "webauthn.get", ...behaviour })
        const authenticatorData = this.#header(behaviour, 0)
        const signed = Buffer.concat([authenticatorData, hash("sha256", clientDataJSON, "buffer")])
        return {
            id: this.id.toString("base64url"),
            clientDataJSON: clientDataJSON.toString("base64url"),
            authenticatorData: authenticatorData.toString("base64url"),
            signature: sign("sha256", signed, this.#privateKey).toString("base64url"),
            ...(behaviour.userHandle !== undefined && { userHandle: behaviour.userHandle }),
        }
    }

    #header({ rpId, isVerified = true, counter = this.#counter }: Behaviour, more: number): Buffer {
        const count = Buffer.alloc(4)
        count.writeUInt32BE(counter)
        const bits = flags.present | (isVerified ? flags.verified : 0) | more
        return Buffer.concat([hash("sha256", rpId, "buffer"), Buffer.from([bits]), count])
    }
}

const clientData = (challenge: string, { type, origin }: Behaviour): Buffer =>
    Buffer.from(JSON.stringify({ type, challenge, origin, crossOrigin: false }))
