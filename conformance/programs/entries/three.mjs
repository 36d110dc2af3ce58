// A scene without a screen: matrices, geometry, ray casting, animation, and the writer of the examples folder.
import * as THREE from 'three';
import { OBJExporter } from 'three/examples/jsm/exporters/OBJExporter.js';
import { mergeGeometries } from 'three/examples/jsm/utils/BufferGeometryUtils.js';

const scene = new THREE.Scene();
const box = new THREE.Mesh(new THREE.BoxGeometry(1, 2, 3), new THREE.MeshStandardMaterial({ color: 0x336699, name: 'blue' }));
const knot = new THREE.Mesh(new THREE.TorusKnotGeometry(1, 0.3, 16, 4), new THREE.MeshBasicMaterial());
box.position.set(1, 2, 3);
knot.quaternion.setFromEuler(new THREE.Euler(0.1, 0.2, 0.3));
scene.add(box, knot, new THREE.DirectionalLight('tomato', 2));
const camera = new THREE.PerspectiveCamera(50, 1.5, 0.1, 100);
camera.position.z = 10;
camera.lookAt(box.position);
scene.updateMatrixWorld(true);
const ray = new THREE.Raycaster();
ray.setFromCamera(new THREE.Vector2(0, 0), camera);
console.log(ray.intersectObjects(scene.children).map(({ distance, faceIndex }) => [distance.toFixed(4), faceIndex]));
const mixer = new THREE.AnimationMixer(box);
mixer.clipAction(new THREE.AnimationClip('move', 2, [new THREE.VectorKeyframeTrack('.position', [0, 1, 2], [0, 0, 0, 1, 1, 1, 5, 0, 0])])).play();
mixer.update(0.75);
console.log(box.position.toArray(), new THREE.Color('hsl(200, 50%, 40%)').getHexString(), THREE.MathUtils.smoothstep(0.3, 0, 1));
const merged = mergeGeometries([box.geometry, knot.geometry]);
merged.computeBoundingSphere();
console.log(merged.attributes.position.count, merged.boundingSphere.radius.toFixed(5));
console.log(new OBJExporter().parse(scene).length, Object.keys(THREE.ShaderLib).join(), THREE.ShaderChunk.common.length);
console.log(JSON.stringify(scene.toJSON().materials.map(({ name, type, color }) => ({ name, type, color }))));
