// SPDX-License-Identifier: Apache-2.0
// Measures exported networks on the committed test split with onnxruntime-node and writes "accuracy" into
// network.json. Everything is read as recorded: dataset.json, the preprocessing, the ONNX file.
//
//     npm install --ignore-scripts onnxruntime-node@1.30.0        (in some folder, say /tmp/ort)
//     NODE_PATH=/tmp/ort/node_modules node measure.mjs lenet5-mnist ...
import {createHash} from 'node:crypto';
import {readFileSync, writeFileSync} from 'node:fs';
import {createRequire} from 'node:module';
import {dirname, join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {gunzipSync} from 'node:zlib';

const require = createRequire(process.env.NODE_PATH ? join(process.env.NODE_PATH, 'x.js') : import.meta.url);
const ort = require('onnxruntime-node');
const version = require('onnxruntime-node/package.json').version;
const networks = dirname(dirname(fileURLToPath(import.meta.url)));
const datasets = join(networks, '..', '..', 'datasets');
const json = path => JSON.parse(readFileSync(path, 'utf8'));

/** Reads a file after comparing it with the SHA-256 recorded for it. */
function checked(path, sha256) {
    const data = readFileSync(path);
    if (createHash('sha256').update(data).digest('hex') !== sha256)
        throw new Error(`${path}: not the file whose SHA-256 is recorded`);
    return data;
}

/** Reads an IDX file of unsigned bytes: its sizes and its values. */
function readIdx(data) {
    const sizes = [];
    for (let i = 0; i < data[3]; ++i)
        sizes.push(data.readUInt32BE(4 + 4 * i));
    return {sizes, values: data.subarray(4 + 4 * sizes.length)};
}

/** Reads one split: the sizes of a sample, all stored values in a row, and the class indices. */
function readSplit(name, split) {
    const folder = join(datasets, name);
    const record = json(join(folder, 'dataset.json'));
    const entry = record.splits[split];
    const text = file => gunzipSync(checked(join(folder, file), record.files[file].sha256));
    if (record.format === 'idx') {
        const inputs = readIdx(text(entry.inputs));
        return {sizes: inputs.sizes.slice(1), values: inputs.values, labels: readIdx(text(entry.labels)).values, record};
    }
    const [header, ...rows] = text(entry.inputs).toString().trim().split('\n').map(line => line.split(','));
    const at = header.indexOf(record.csv.label);
    const values = rows.flatMap(row => row.filter((_, i) => i !== at).map(Number));
    return {sizes: [header.length - 1], values, labels: rows.map(row => record.classes.indexOf(row[at])), record};
}

/** Makes the input tensor of samples [begin, end) as the preprocessing says. */
function tensor(data, preprocessing, begin, end) {
    const size = data.sizes.reduce((a, b) => a * b, 1);
    const count = end - begin;
    if (preprocessing.type === 'int64') {
        const tokens = Array.from(data.values.slice(begin * size, end * size), value => BigInt(value));
        return new ort.Tensor('int64', BigInt64Array.from(tokens), [count, size]);
    }
    const [rows, columns, channels = 1] = data.sizes;
    const {scale, mean, std, layout} = preprocessing;
    const x = new Float32Array(count * size);
    for (let n = 0; n < count; ++n) {
        for (let i = 0; i < size; ++i) {
            const part = layout === 'features' ? i : i % channels;
            const stored = Math.fround(data.values[(begin + n) * size + i] * Math.fround(scale));
            const value = Math.fround(Math.fround(stored - Math.fround(mean[part])) / Math.fround(std[part]));
            const to = layout === 'chw' ? part * rows * columns + Math.floor(i / channels) : i;
            x[n * size + to] = value;
        }
    }
    return new ort.Tensor('float32', x, layout === 'chw' ? [count, channels, rows, columns] : [count, size]);
}

/** Runs a split through the network, calling back with each sample's index, input and output. */
async function run(session, data, preprocessing, visit) {
    const total = data.labels.length;
    for (let begin = 0; begin < total; begin += 500) {
        const end = Math.min(begin + 500, total);
        const input = tensor(data, preprocessing, begin, end);
        const {output} = await session.run({input});
        const part = (values, n) => values.subarray(n * values.length / (end - begin), (n + 1) * values.length / (end - begin));
        for (let n = 0; n < end - begin; ++n)
            visit(begin + n, part(input.data, n), part(output.data, n));
    }
}

/** Counts the samples whose highest output is their class. */
async function classification(session, data, network) {
    let correct = 0;
    await run(session, data, network.preprocessing, (i, x, y) => { correct += y.indexOf(Math.max(...y)) === data.labels[i]; });
    return {correct, top1: correct / data.labels.length};
}

/** The mean squared error of every sample's reconstruction. */
async function errors(session, data, network) {
    const all = [];
    await run(session, data, network.preprocessing, (i, x, y) => {
        all.push(x.reduce((sum, value, k) => sum + (value - y[k]) ** 2, 0) / x.length);
    });
    return all;
}

/** The chance that a foreign sample has a larger error than an own one, half for ties. */
function areaUnderCurve(own, foreign) {
    const sorted = [...own].sort((a, b) => a - b);
    const below = (value, inclusive) => {
        let low = 0, high = sorted.length;
        while (low < high) {
            const middle = (low + high) >> 1;
            if (inclusive ? sorted[middle] <= value : sorted[middle] < value) low = middle + 1; else high = middle;
        }
        return low;
    };
    return foreign.reduce((sum, value) => sum + (below(value, false) + below(value, true)) / 2, 0) / own.length / foreign.length;
}

/** Reconstruction: samples within the threshold, the mean error, and how well errors tell Fashion-MNIST apart. */
async function reconstruction(session, data, network) {
    const own = await errors(session, data, network);
    const foreign = await errors(session, readSplit('fashion-mnist', 'test'), network);
    const correct = own.filter(value => value <= network.task.threshold).length;
    return {correct, top1: correct / own.length, mse: Number((own.reduce((a, b) => a + b) / own.length).toFixed(6)),
            auc_against_fashion_mnist: Number(areaUnderCurve(own, foreign).toFixed(5))};
}

for (const name of process.argv.slice(2)) {
    const path = join(networks, name, 'network.json');
    const network = json(path);
    const model = checked(join(networks, name, network.model), network.sha256);
    const session = await ort.InferenceSession.create(model, {intraOpNumThreads: 1});
    const data = readSplit(network.dataset, 'test');
    const measured = await (network.task.kind === 'reconstruction' ? reconstruction : classification)(session, data, network);
    const accuracy = {split: 'test', samples: data.labels.length, ...measured, measured_with: `onnxruntime ${version} FP32`};
    const {source, licence, attribution, accuracy: old, ...rest} = network;
    writeFileSync(path, JSON.stringify({...rest, accuracy, source, licence, attribution}, null, 1) + '\n');
    console.log(name, JSON.stringify(accuracy));
}
