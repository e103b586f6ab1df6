/**
 * Schemas are compiled once a process: whichever route or listener has the same one again gets what was made of it. Half
 * of what a start takes is their compiling.
 */
import AjvCompiler from "@fastify/ajv-compiler"
import SerializerSelector from "@fastify/fast-json-stringify-compiler"

const serializers = new WeakMap<object, SerializerSelector.Serializer>()

export const compilers = {
    buildValidator: AjvCompiler(),
    buildSerializer: keptBySchema(SerializerSelector()),
}

function keptBySchema(build: SerializerSelector.SerializerFactory): SerializerSelector.SerializerFactory {
    return (externalSchemas, options) => {
        const compile = build(externalSchemas, options)
        return (route) => {
            const schema = route.schema as object
            const known = serializers.get(schema)
            if (known) return known
            const made = compile(route)
            serializers.set(schema, made)
            return made
        }
    }
}
