/** An OpenPGP key of a partner in tests, of version 4 with Ed25519. It was made on 2025-01-01, and does not expire. */
import { decrypt, readMessage, readPrivateKey } from "openpgp"

const secretText = `-----BEGIN PGP PRIVATE KEY BLOCK-----

xVgEZ3SFgBYJKwYBBAHaRw8BAQdATon4Mu7IoEh2cA3L9WcP/Vsaqyed6edx
W0POBMKhlngAAQCiUUhGdm+/SxpWfuK13pWqHf2seODQxoWJJvMr5n7B/hI8
zSlTYWx0bWFyc2ggUFNJUlQgPHBzaXJ0QHNhbHRtYXJzaC5leGFtcGxlPsLA
EwQTFgoAhQWCZ3SFgAMLCQcJECSULaaMCcAnRRQAAAAAABwAIHNhbHRAbm90
YXRpb25zLm9wZW5wZ3Bqcy5vcmcO7jDUX61ThmjRWWuOmBJTv8e2cDvN/xrG
ZtEouqj0uwUVCggODAQWAAIBAhkBApsDAh4BFiEEavbSch91n2FusWC9JJQt
powJwCcAAP+0AP9k7VY1x9OVzQkiJ4502m6U5Z3BLX1Iy7rHmcpqAlLBtQD/
VI7yl8ZdTtZiFbQu0iWTefGoaf1qCVWNVbFkCCdowAHHXQRndIWAEgorBgEE
AZdVAQUBAQdAKxKIDcfxrX2/WpgWi+vKVXNGvU+DDCKHL9vdCYFSzjEDAQgH
AAD/ehvGDcXfQZ5Zamdh8FBNvtIc2OmyqkHC7NtnjosUOpgR+8K+BBgWCgBw
BYJndIWACRAklC2mjAnAJ0UUAAAAAAAcACBzYWx0QG5vdGF0aW9ucy5vcGVu
cGdwanMub3Jn5oRgB5rML3+OnMsH3WUFmc0DSIbZbN7OEvmp4a4Gs1wCmwwW
IQRq9tJyH3WfYW6xYL0klC2mjAnAJwAAEhgA/1d6V2+0jjJjT9vZcvO6KZOd
VLVoRvSPlfgKw+nphU3cAQDmZWsXE+dFmn02d+6zq/8waG9+GTetLaDToYYO
t1xcBA==
=v1GH
-----END PGP PRIVATE KEY BLOCK-----
`

export const testRecipient = "openpgp:6AF6D2721F759F616EB160BD24942DA68C09C027/6C8F037CA007AC6F912B6DA11F99A3F865CF213C"

/** The armoured public key. */
export async function testCertificate(): Promise<string> {
    return (await readPrivateKey({ armoredKey: secretText })).toPublic().armor()
}

/** Opens an OpenPGP message that is sealed to the test key. */
export async function openOpenPgp(sealed: Uint8Array): Promise<string> {
    const decryptionKeys = await readPrivateKey({ armoredKey: secretText })
    const message = await readMessage({ binaryMessage: sealed })
    return Buffer.from((await decrypt({ message, decryptionKeys, format: "binary" })).data).toString("utf8")
}
