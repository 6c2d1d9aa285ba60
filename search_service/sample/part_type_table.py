"""The part types of the sample as tables: how each depends on the vehicle, what it costs, when it wears.

Columns: id (`/` tells two rows of one type apart) | English | Chinese | everyday Chinese | brand segment | depends on |
CNY from-to | places | vehicles a part covers (1 = the sample's mean) | how many parts (1 = mean) | life in 1000 km |
life in months.
Places: `-` none, `A` front or rear, `F` front, `R` rear, `P` a left + right pair front or rear, `S` left or right,
`C` one of four corners, `G` front left or right, `H` rear left or right, `L` lower left or right.
`ATTRIBUTES` tells product attributes by id: a range of numbers, or the values one of which a part has.
"""

TABLE = """
engine_oil|Engine Oil|发动机油|机油,润滑油|fluid|universal|90-520|-|1|4|8|9
oil_filter|Oil Filter|机油滤清器|机滤,机油格|filter|engine|15-90|-|1.7|5|8|9
air_filter|Air Filter|空气滤清器|空滤,空气格|filter|engine|20-120|-|1.3|5|18|16
cabin_filter|Cabin Air Filter|空调滤清器|空调滤,空调格|filter|chassis|20-160|-|1.3|5|15|12
fuel_filter|Fuel Filter|燃油滤清器|汽滤,汽油格|filter|engine|30-180|-|1.2|3|40|36
transmission_filter|Transmission Filter|变速器滤清器|变速箱滤网,波箱滤芯|filter|automatic|60-320|-|1|1|70|60
brake_pad|Brake Pad Set|制动片|刹车片,刹车皮|friction|brake|70-680|A|1.3|6|45|36
brake_disc|Brake Disc|制动盘|刹车盘,刹车碟|friction|brake|110-780|A|1.2|5|80|60
brake_shoe|Brake Shoe Set|制动蹄|刹车蹄,鼓刹片|friction|chassis|60-260|R|1|1|80|72
brake_drum|Brake Drum|制动鼓|刹车鼓,刹车锅|friction|chassis|90-360|R|0.8|1|120|96
brake_caliper|Brake Caliper|制动卡钳|卡钳,刹车分泵总成|friction|brake|260-1600|C|0.9|2|150|120
brake_fluid|Brake Fluid|制动液|刹车油,刹车液|fluid|universal|25-120|-|1|2|50|26
brake_hose|Brake Hose|制动软管|刹车油管,刹车管|friction|chassis|35-160|C|0.9|1|120|96
brake_master_cylinder|Brake Master Cylinder|制动主缸|刹车总泵,制动总泵|friction|chassis|180-900|-|0.8|1|160|120
wheel_cylinder|Wheel Cylinder|制动轮缸|刹车分泵,制动分泵|friction|chassis|40-180|H|0.8|1|130|108
brake_booster|Brake Booster|真空助力器|刹车助力泵,真空泵助力|friction|chassis|320-1500|-|0.6|0.6|200|150
brake_wear_sensor|Brake Pad Wear Sensor|制动片磨损传感器|刹车片感应线,刹车报警线|friction|trim|25-160|A|1|1|45|36
parking_brake_cable|Parking Brake Cable|驻车制动拉线|手刹线,手刹拉线|friction|chassis|60-260|H|0.8|0.7|160|130
abs_sensor|ABS Wheel Speed Sensor|轮速传感器|ABS传感器,轮速感应器|electric|chassis|60-380|C|1|1.6|120|96
abs_unit|ABS Pump|ABS泵|ABS总泵,刹车防抱死泵|electric|chassis|900-4200|-|0.5|0.4|250|180
spark_plug|Spark Plug|火花塞|火嘴,点火塞|electric|spark|18-130|-|1.6|4|35|36
ignition_coil|Ignition Coil|点火线圈|高压包,点火模块|electric|spark|70-420|-|1.3|2.4|100|96
ignition_lead|Ignition Lead Set|高压线|火嘴线,分缸线|electric|spark|60-260|-|0.8|0.7|90|80
glow_plug|Glow Plug|预热塞|电热塞,预热火花塞|electric|diesel|50-220|-|0.5|0.3|90|72
battery|Starter Battery|蓄电池|电瓶,蓄电瓶|battery|chassis|260-1300|-|1.8|3|90|38
alternator|Alternator|交流发电机|发电机,电机|electric|engine|420-2400|-|1|1.5|180|120
starter|Starter Motor|起动机|马达,启动马达|electric|engine|320-1800|-|1|1.5|180|120
voltage_regulator|Alternator Regulator|发电机调节器|调节器,发电机稳压器|electric|engine|60-280|-|0.8|0.6|160|110
drive_belt|Drive Belt|多楔带|发电机皮带,风扇皮带|belt|engine|35-220|-|1.4|3|70|60
timing_belt_kit|Timing Belt Kit|正时皮带套装|正时带,时规带|belt|engine|220-1100|-|0.9|1|90|72
timing_chain_kit|Timing Chain Kit|正时链条套装|正时链,正时链条|belt|engine|320-1800|-|0.9|1.2|150|120
belt_tensioner|Belt Tensioner|张紧轮|涨紧轮,皮带涨紧器|belt|engine|90-480|-|1|1.5|100|84
idler_pulley|Idler Pulley|惰轮|过渡轮,过桥轮|belt|engine|45-220|-|1|1|100|84
water_pump|Water Pump|水泵|水泵总成,冷却水泵|cooling|engine|110-760|-|1.1|2|100|84
thermostat|Thermostat|节温器|恒温器,调温器|cooling|engine|40-320|-|1.1|1.6|110|90
radiator|Radiator|散热器|水箱,散热水箱|cooling|gearbox|280-1300|-|0.8|1.6|160|110
radiator_hose|Radiator Hose|散热器软管|水箱管,上下水管|cooling|engine|35-220|-|0.8|1|120|90
radiator_cap|Radiator Cap|散热器盖|水箱盖,水箱压力盖|cooling|chassis|15-80|-|1.5|0.7|120|80
expansion_tank|Expansion Tank|膨胀水箱|副水箱,副水壶|cooling|chassis|50-320|-|0.8|1|140|100
cooling_fan|Radiator Fan|散热风扇|电子扇,水箱风扇|cooling|engine|220-1400|-|0.7|1|160|110
coolant|Coolant|冷却液|防冻液,水箱水|fluid|universal|35-180|-|1|2|50|26
intercooler|Intercooler|中冷器|中冷,增压中冷器|cooling|turbo|420-2400|-|0.6|0.6|220|150
oil_cooler|Oil Cooler|机油冷却器|机油散热器,机油冷却总成|cooling|engine|180-980|-|0.7|0.6|180|130
heater_core|Heater Core|暖风散热器|暖风水箱,小水箱|ac|chassis|140-620|-|0.6|0.8|180|120
ac_compressor|A/C Compressor|空调压缩机|空调泵,冷气泵|ac|engine|680-3600|-|0.9|1.3|160|110
ac_condenser|A/C Condenser|空调冷凝器|冷凝器,空调散热网|ac|chassis|240-1300|-|0.8|1.2|160|110
ac_evaporator|A/C Evaporator|空调蒸发器|蒸发箱,蒸发箱芯|ac|chassis|220-980|-|0.6|0.8|180|130
expansion_valve|A/C Expansion Valve|空调膨胀阀|膨胀阀,空调节流阀|ac|chassis|50-260|-|0.8|0.7|150|110
receiver_drier|Receiver Drier|干燥器|干燥瓶,空调干燥罐|ac|chassis|50-240|-|0.8|0.7|120|90
blower_motor|Blower Motor|鼓风机|鼓风机电机,暖风电机|ac|chassis|160-820|-|0.8|1|150|110
blower_resistor|Blower Resistor|鼓风机电阻|调速电阻,风机调速模块|ac|chassis|40-240|-|0.8|0.7|130|96
refrigerant|Refrigerant|制冷剂|冷媒,雪种|fluid|universal|25-160|-|1|0.8|40|30
wiper_blade|Wiper Blade|雨刮片|雨刷,雨刮器|wiper|chassis|25-190|A|1.8|4|14|11
wiper_blade/universal|Universal Wiper Blade|通用雨刮片|通用雨刷,无骨雨刮|wiper|universal|15-110|-|1|2|14|11
wiper_arm|Wiper Arm|雨刮臂|雨刷臂,雨刮摆杆|wiper|chassis|60-260|A|0.8|0.8|150|110
wiper_motor|Wiper Motor|雨刮电机|雨刷马达,雨刮马达|electric|chassis|160-720|A|0.8|0.8|170|120
washer_pump|Washer Pump|洗涤泵|喷水电机,喷水马达|electric|chassis|20-120|-|1.2|0.8|120|90
washer_fluid|Washer Fluid|洗涤液|玻璃水,雨刮水|fluid|universal|8-60|-|1|1.4|10|4
headlight|Headlight Assembly|前照灯总成|大灯,前大灯|lighting|trim|380-4600|S|0.5|2.4|200|120
tail_light|Tail Light|后组合灯|尾灯,后尾灯|lighting|body|160-1500|S|0.5|1.8|200|130
fog_light|Fog Light|雾灯|前雾灯,防雾灯|lighting|body|60-420|S|0.7|1.3|180|120
turn_signal|Turn Signal Light|转向灯|转弯灯,方向灯|lighting|body|40-260|S|0.7|1|180|120
third_brake_light|High Mount Brake Light|高位制动灯|高位刹车灯,第三刹车灯|lighting|body|50-320|-|0.6|0.6|180|120
license_plate_light|License Plate Light|牌照灯|车牌灯,后牌照灯|lighting|chassis|15-90|-|1|0.6|150|90
headlight_bulb|Headlight Bulb|前照灯灯泡|大灯灯泡,车灯泡|lighting|universal|18-420|-|1|2.4|40|30
bulb|Signal Bulb|信号灯泡|转向灯泡,刹车灯泡|lighting|universal|4-60|-|1|1.2|50|40
fuse|Fuse|熔断器|保险丝,保险片|electric|universal|3-40|-|1|0.7|120|90
relay|Relay|继电器|继电器开关,保险盒继电器|electric|universal|12-90|-|1|0.7|150|110
horn|Horn|喇叭|电喇叭,汽车喇叭|electric|universal|30-220|-|1|1|150|100
shock_absorber|Shock Absorber|减震器|避震器,避震|chassis|chassis|160-1300|P|0.8|3|100|84
strut_mount|Strut Mount|减震器上支座|顶胶,减震顶胶|chassis|chassis|40-260|F|1|1.4|90|78
coil_spring|Coil Spring|螺旋弹簧|减震弹簧,弹簧|chassis|chassis|110-520|A|0.7|1|180|140
bump_stop|Shock Absorber Boot Kit|减震器防尘套|减震胶套,防尘套缓冲块|chassis|chassis|25-140|A|1|0.8|90|78
control_arm|Control Arm|控制臂|下摆臂,三角臂|chassis|chassis|160-1100|L|0.8|2.2|110|90
control_arm_bush|Control Arm Bushing|控制臂衬套|摆臂胶套,下摆臂胶套|chassis|chassis|25-160|F|1|1.4|90|78
ball_joint|Ball Joint|球头|下球头,摆臂球头|chassis|chassis|40-280|L|1|1.6|100|84
tie_rod_end|Tie Rod End|横拉杆球头|外球头,方向机外球头|chassis|chassis|40-260|G|1|1.8|100|84
tie_rod|Inner Tie Rod|横拉杆|内球头,方向机拉杆|chassis|chassis|50-260|G|0.9|1.2|110|90
stabiliser_link|Stabilizer Link|稳定杆连杆|平衡杆拉杆,小吊杆|chassis|chassis|35-220|C|1|1.8|80|72
stabiliser_bush|Stabilizer Bushing|稳定杆衬套|平衡杆胶套,平衡杆开口胶|chassis|chassis|12-90|A|1|1|80|72
stabiliser_bar|Stabilizer Bar|横向稳定杆|平衡杆,防倾杆|chassis|chassis|220-900|A|0.6|0.6|220|160
trailing_arm|Trailing Arm|纵臂|后纵臂,拖曳臂|chassis|chassis|220-1100|H|0.6|0.6|180|130
wheel_bearing|Wheel Bearing|轮毂轴承|轮毂轴承单元,轴承头|bearing|chassis|90-720|A|1.1|2.2|120|96
wheel_hub|Wheel Hub|轮毂单元|轴头,法兰盘|bearing|drive|120-780|A|0.8|1|150|110
knuckle|Steering Knuckle|转向节|羊角,前羊角|chassis|chassis|220-1200|G|0.6|0.7|200|150
wheel_bolt|Wheel Bolt|车轮螺栓|轮胎螺丝,轮毂螺丝|chassis|chassis|6-40|-|2|0.7|160|110
steering_rack|Steering Rack|转向机|方向机,转向器|chassis|chassis|680-4200|-|0.6|0.9|200|150
steering_pump|Power Steering Pump|转向助力泵|助力泵,方向助力泵|chassis|engine|320-1400|-|0.7|0.8|170|120
power_steering_fluid|Power Steering Fluid|转向助力油|助力油,方向机油|fluid|universal|25-110|-|1|0.8|60|40
steering_boot|Steering Rack Boot|转向机防尘套|方向机防尘套,方向机胶套|chassis|chassis|20-110|G|1|0.7|90|78
drive_shaft|Drive Shaft|驱动轴|半轴,半轴总成|driveline|gearbox|320-1900|G|0.7|1.2|180|130
cv_joint|CV Joint|等速万向节|球笼,外球笼|driveline|gearbox|110-620|G|0.9|1.3|150|110
cv_boot|CV Joint Boot|球笼防尘套|半轴防尘套,球笼胶套|driveline|chassis|20-120|G|1.1|1.2|80|72
propeller_shaft|Propeller Shaft|传动轴|中间传动轴,后传动轴|driveline|awd|680-3600|-|0.5|0.5|220|160
universal_joint|Universal Joint|万向节|十字轴,十字节|driveline|awd|40-220|-|0.6|0.4|120|90
transfer_case|Transfer Case|分动箱|分动器,分动箱总成|driveline|awd|1800-8200|-|0.4|0.3|260|200
differential|Differential|差速器|牙包,后桥牙包|driveline|awd|1200-5200|R|0.4|0.3|260|200
clutch_kit|Clutch Kit|离合器套装|离合器三件套,离合三件套|driveline|manual|280-1700|-|1|1.5|90|84
clutch_disc|Clutch Disc|离合器从动盘|离合器片,离合片|driveline|manual|110-620|-|1|1|90|84
pressure_plate|Clutch Pressure Plate|离合器压盘|压盘,离合压盘|driveline|manual|130-680|-|1|0.8|90|84
release_bearing|Clutch Release Bearing|离合器分离轴承|分离轴承,离合器轴承|bearing|manual|50-280|-|1|0.9|90|84
clutch_master_cylinder|Clutch Master Cylinder|离合器主缸|离合总泵,离合器总泵|driveline|manual|80-380|-|0.9|0.6|140|110
clutch_slave_cylinder|Clutch Slave Cylinder|离合器工作缸|离合分泵,离合器分泵|driveline|manual|70-360|-|0.9|0.6|140|110
flywheel|Flywheel|飞轮|双质量飞轮,飞轮盘|driveline|manual|320-2600|-|0.7|0.5|180|140
transmission_fluid|Automatic Transmission Fluid|自动变速器油|变速箱油,波箱油|fluid|universal|60-260|-|1|1.8|60|48
gear_oil|Gear Oil|齿轮油|手动变速箱油,后桥油|fluid|universal|40-190|-|1|0.8|60|48
transmission_mount|Gearbox Mount|变速器支架|变速箱胶,波箱脚胶|chassis|gearbox|70-420|-|0.9|0.9|120|90
engine_mount|Engine Mount|发动机支架|机脚胶,机爪垫|chassis|engine|90-680|S|0.9|1.6|110|90
torque_rod|Torque Rod|扭力支架|扭力胶,拉杆支架|chassis|engine|60-380|-|0.8|0.7|110|90
head_gasket|Cylinder Head Gasket|气缸垫|缸垫,缸床|engine|engine|60-420|-|0.9|0.8|200|150
valve_cover_gasket|Valve Cover Gasket|气门室盖垫|气门室垫,盖板垫|engine|engine|25-180|-|1|1|110|90
oil_pan|Oil Pan|油底壳|机油底壳,机油盘|engine|engine|130-780|-|0.7|0.8|220|160
oil_pan_gasket|Oil Pan Gasket|油底壳垫|油底垫,油底壳密封垫|engine|engine|20-140|-|0.8|0.5|150|110
drain_plug|Oil Drain Plug|放油螺塞|放油螺丝,油底螺丝|engine|engine|5-45|-|1.8|0.7|100|80
oil_pump|Oil Pump|机油泵|机油泵总成,油泵齿轮|engine|engine|180-1100|-|0.7|0.7|200|150
dipstick|Oil Dipstick|机油标尺|机油尺,油尺|engine|engine|15-90|-|0.8|0.3|250|180
crank_seal|Crankshaft Seal|曲轴油封|曲轴前油封,曲轴后油封|engine|engine|15-120|A|1|0.9|120|100
camshaft|Camshaft|凸轮轴|凸轮轴总成,偏心轴|engine|engine|380-1900|-|0.5|0.4|260|200
piston_ring|Piston Ring Set|活塞环|活塞环套装,胀圈|engine|engine|110-620|-|0.7|0.5|240|190
piston|Piston|活塞|活塞总成,活塞四件套|engine|engine|110-580|-|0.6|0.4|260|200
con_rod_bearing|Connecting Rod Bearing|连杆瓦|小瓦,连杆轴瓦|engine|engine|60-320|-|0.7|0.4|240|190
main_bearing|Main Bearing|主轴承|大瓦,曲轴瓦|engine|engine|70-380|-|0.7|0.4|240|190
engine_valve|Intake Valve|进气门|进气阀,气门|engine|engine|20-120|-|0.7|0.4|240|190
hydraulic_lifter|Valve Lifter|液压挺柱|挺杆,液压顶杆|engine|engine|25-140|-|0.7|0.4|220|170
crank_pulley|Crankshaft Pulley|曲轴皮带轮|曲轴轮,曲轴皮带盘|belt|engine|110-580|-|0.7|0.6|180|140
overhaul_kit|Engine Gasket Set|发动机大修包|大修包,修理包|engine|engine|220-1200|-|0.6|0.5|240|190
pcv_valve|PCV Valve|曲轴箱通风阀|PCV阀,废气阀|engine|engine|20-220|-|1|0.8|90|72
throttle_body|Throttle Body|节气门|节气门体,电子节气门|fuel|engine|260-1500|-|0.7|1|180|130
fuel_injector|Fuel Injector|喷油器|喷油嘴,喷嘴|fuel|engine|110-820|-|0.9|1.2|150|120
fuel_pump|Fuel Pump|燃油泵|汽油泵,燃油泵总成|fuel|engine|160-980|-|0.8|1.3|140|110
high_pressure_fuel_pump|High Pressure Fuel Pump|高压燃油泵|高压油泵,缸内直喷油泵|fuel|turbo|620-2800|-|0.6|0.6|180|140
fuel_pressure_regulator|Fuel Pressure Regulator|燃油压力调节器|油压调节器|fuel|engine|60-320|-|0.7|0.4|150|120
fuel_cap|Fuel Tank Cap|燃油箱盖|油箱盖,加油口盖|fuel|chassis|20-140|-|1.2|0.5|200|130
charcoal_canister|Charcoal Canister|活性炭罐|碳罐,炭罐|fuel|chassis|110-620|-|0.7|0.5|180|140
purge_valve|Purge Valve|碳罐电磁阀|炭罐电磁阀,油气阀|fuel|engine|50-260|-|0.9|0.7|120|100
turbocharger|Turbocharger|涡轮增压器|涡轮,增压器|fuel|turbo|1500-6800|-|0.5|0.9|200|150
intake_manifold|Intake Manifold|进气歧管|进气支管,进气管|fuel|engine|320-1600|-|0.6|0.5|240|180
intake_hose|Air Intake Hose|进气软管|进气管,空滤软管|fuel|engine|60-320|-|0.7|0.7|130|100
accelerator_pedal|Accelerator Pedal|加速踏板|油门踏板,电子油门|electric|chassis|140-620|-|0.8|0.5|200|150
maf_sensor|Mass Air Flow Sensor|空气流量计|空气流量传感器,流量计|sensor|engine|110-720|-|0.9|1.2|140|110
oxygen_sensor|Oxygen Sensor|氧传感器|前氧,后氧|sensor|engine|90-620|A|1|1.8|110|90
knock_sensor|Knock Sensor|爆震传感器|爆震,敲缸传感器|sensor|engine|50-260|-|1|0.7|150|120
crank_sensor|Crankshaft Position Sensor|曲轴位置传感器|曲轴传感器,转速传感器|sensor|engine|50-280|-|1|1|140|110
cam_sensor|Camshaft Position Sensor|凸轮轴位置传感器|凸轮轴传感器,相位传感器|sensor|engine|50-280|-|1|1|140|110
coolant_temp_sensor|Coolant Temperature Sensor|冷却液温度传感器|水温传感器|sensor|engine|25-160|-|1.2|1|120|96
map_sensor|MAP Sensor|进气压力传感器|进气压力感应器,压力传感器|sensor|engine|60-320|-|1|0.8|140|110
oil_pressure_sensor|Oil Pressure Switch|机油压力开关|机油感应塞,机油压力传感器|sensor|engine|20-110|-|1.4|0.8|120|96
parking_sensor|Parking Sensor|倒车雷达传感器|倒车雷达,雷达探头|sensor|body|60-380|A|0.8|0.9|150|110
tpms_sensor|Tyre Pressure Sensor|胎压传感器|胎压监测,胎压监测传感器|sensor|trim|80-380|-|0.9|1|110|84
ecu|Engine Control Unit|发动机控制单元|行车电脑,发动机电脑板|electric|engine|900-4600|-|0.4|0.4|260|200
muffler|Exhaust Muffler|消声器|消音器,排气鼓|exhaust|engine|220-1100|R|0.6|0.9|150|110
catalytic_converter|Catalytic Converter|三元催化器|三元催化,催化转换器|exhaust|engine|680-4200|-|0.6|0.8|180|140
exhaust_pipe|Exhaust Pipe|排气管|中段排气管,排气中节|exhaust|engine|160-780|-|0.6|0.6|160|120
exhaust_manifold|Exhaust Manifold|排气歧管|芭蕉,排气支管|exhaust|engine|260-1300|-|0.5|0.4|220|170
exhaust_gasket|Exhaust Gasket|排气管垫|排气垫,接口垫|exhaust|engine|10-80|-|1|0.6|120|96
exhaust_hanger|Exhaust Hanger|排气管吊胶|消音器吊耳,排气吊胶|exhaust|chassis|8-50|-|1.4|0.6|90|72
egr_valve|EGR Valve|废气再循环阀|EGR阀,废气循环阀|exhaust|engine|220-1200|-|0.6|0.4|150|120
bumper|Bumper|保险杠|杠,杠皮|body|body|260-1900|A|0.35|2.8|220|150
fender|Fender|翼子板|叶子板,前叶子板|body|body|160-980|G|0.35|1.3|230|160
hood|Hood|发动机盖|引擎盖,机盖|body|body|380-2400|F|0.35|0.9|240|170
trunk_lid|Trunk Lid|行李箱盖|后备箱盖,尾盖|body|body|420-2400|R|0.35|0.6|240|170
wing_mirror|Door Mirror|外后视镜|倒车镜,反光镜|body|trim|110-1300|S|0.4|1.6|190|130
mirror_glass|Mirror Glass|后视镜片|倒车镜片,反光镜片|body|body|25-220|S|0.6|1|150|110
grille|Radiator Grille|进气格栅|中网,前中网|body|trim|110-980|F|0.4|1.1|220|150
windshield|Windshield|前挡风玻璃|前挡,前风挡|body|body|360-2200|F|0.4|0.9|230|150
door_handle|Door Handle|车门外拉手|门把手,外拉手|body|body|35-260|C|0.6|1|160|120
door_lock|Door Lock|车门锁块|门锁,门锁电机|body|chassis|80-420|C|0.7|0.9|150|110
window_regulator|Window Regulator|玻璃升降器|升降器,车窗升降器|body|chassis|90-480|C|0.6|1.1|150|110
window_switch|Window Switch|玻璃升降开关|车窗开关,升降器开关|electric|chassis|50-320|C|0.7|0.8|150|110
tailgate_strut|Tailgate Gas Spring|尾门撑杆|后备箱撑杆,尾门气撑|body|body|40-240|S|0.6|0.9|130|96
mud_flap|Mud Flap|挡泥板|挡泥皮,挡泥瓦|body|body|25-160|A|0.6|0.8|150|100
fender_liner|Fender Liner|翼子板内衬|叶子板内衬,轮弧内衬|body|body|40-260|G|0.5|0.9|160|120
engine_undertray|Engine Undercover|发动机下护板|底护板,下护板|body|engine|80-420|-|0.7|0.9|150|110
tow_hook_cover|Tow Hook Cover|拖车钩盖|拖车盖,拖车钩饰盖|body|trim|12-90|A|0.5|0.7|150|110
emblem|Emblem|车标|标志,前车标|body|chassis|25-220|A|0.9|0.6|220|150
floor_mat|Floor Mat Set|脚垫|汽车脚垫,地垫|interior|chassis|90-680|-|0.6|1.8|60|36
seat_cover|Seat Cover|座椅套|座套,坐垫|interior|universal|120-880|-|1|1|80|40
steering_wheel_cover|Steering Wheel Cover|方向盘套|把套,转向盘套|interior|universal|20-220|-|1|0.8|60|30
key_battery|Key Battery|遥控器电池|钥匙电池,遥控电池|battery|universal|4-30|-|1|0.6|40|24
clock_spring|Airbag Clock Spring|气囊游丝|游丝,螺旋电缆|electric|chassis|90-520|-|0.8|0.7|180|130
ignition_switch|Ignition Switch|点火开关|钥匙门,启动开关|electric|chassis|70-380|-|0.8|0.5|180|130
combination_switch|Combination Switch|组合开关|大灯开关,雨刮开关|electric|trim|110-520|-|0.7|0.6|180|130
tyre|Tyre|轮胎|车胎,外胎|tyre|trim|220-1500|-|1.4|4|55|52
wheel_rim|Wheel Rim|轮辋|轮毂,钢圈|tyre|trim|280-2200|-|0.6|1.2|250|160
tyre_valve|Tyre Valve|气门嘴|气嘴,轮胎气门嘴|tyre|universal|2-30|-|1|0.5|60|48
car_wax|Car Wax|车蜡|打蜡,上光蜡|care|universal|25-260|-|1|0.9|20|9
car_shampoo|Car Shampoo|洗车液|洗车水蜡,泡沫清洗剂|care|universal|15-120|-|1|0.9|15|6
fuel_additive|Fuel Additive|燃油添加剂|燃油宝,汽油添加剂|care|universal|15-160|-|1|1.2|10|6
throttle_cleaner|Throttle Cleaner|节气门清洗剂|化清剂,节气门清洁剂|care|universal|18-90|-|1|0.7|30|24
charging_cable|EV Charging Cable|充电枪|充电线,随车充|ev|plugin|480-2400|-|1.5|0.8|150|60
electric_water_pump|EV Coolant Pump|电子水泵|新能源水泵,电驱水泵|ev|plugin|220-1100|-|1|0.7|140|100
charging_port|Charging Port|充电口|充电座,充电插座|ev|plugin|320-1500|-|0.8|0.5|200|130
ev_reducer_oil|EV Reducer Oil|减速器油|电驱油,减速箱油|fluid|universal|60-260|-|1|0.5|60|48
"""

ATTRIBUTES = """
engine_oil|viscosity:0W-20,5W-30,5W-40,10W-40;volume_l:1,4,5
oil_filter|height_mm:60-120;diameter_mm:55-85
air_filter|length_mm:180-340;width_mm:120-230;height_mm:30-70
cabin_filter|length_mm:180-260;width_mm:150-220
fuel_filter|height_mm:70-160
brake_pad|width_mm:90-160;height_mm:45-75;thickness_mm:14-21
brake_disc|diameter_mm:238-370;thickness_mm:9-34
brake_shoe|width_mm:28-60
brake_drum|diameter_mm:180-295
brake_caliper|piston_mm:32-60
brake_fluid|grade:DOT3,DOT4,DOT5.1;volume_l:0.5,1
brake_hose|length_mm:280-620
brake_master_cylinder|bore_mm:19-26
wheel_cylinder|bore_mm:17-24
brake_wear_sensor|length_mm:400-1200
parking_brake_cable|length_mm:1200-1900
spark_plug|heat_range:5,6,7,8;gap_mm:0.7-1.1
battery|capacity_ah:36-95;cca_a:300-850
alternator|output_a:70-180
starter|power_kw:0.9-2.2
drive_belt|length_mm:800-2300;ribs:4,5,6,7
timing_belt_kit|teeth:101-160
timing_chain_kit|links:80-190
belt_tensioner|diameter_mm:55-80
idler_pulley|diameter_mm:50-80
thermostat|opening_c:82,87,92,105
radiator|core_width_mm:360-700;core_height_mm:300-480
radiator_cap|pressure_bar:0.9-1.5
cooling_fan|diameter_mm:280-460
coolant|freezing_c:-25,-35,-45;volume_l:2,4,10
ac_compressor|grooves:4,5,6,7
refrigerant|type:R134a,R1234yf;mass_g:250,300,500
wiper_blade|length_mm:300-750
wiper_blade/universal|length_mm:350,400,450,500,550,600,650,700
wiper_arm|length_mm:380-680
washer_fluid|freezing_c:0,-20,-30,-40;volume_l:1.5,2,5
headlight|technology:halogen,xenon,led
tail_light|technology:bulb,led
headlight_bulb|socket:H1,H4,H7,H11,9005,9012,D3S
bulb|socket:P21W,PY21W,W5W,P21/5W,T20
fuse|rating_a:5,7.5,10,15,20,25,30
relay|voltage_v:12,24;contacts:4,5
horn|tone:high,low,snail
shock_absorber|length_mm:350-620
coil_spring|wire_mm:10-16
control_arm_bush|diameter_mm:30-70
ball_joint|taper_mm:12-20
tie_rod_end|thread_mm:10-18
stabiliser_link|length_mm:180-360
stabiliser_bush|diameter_mm:17-30
wheel_bearing|outer_mm:70-140
wheel_bolt|thread:M12x1.25,M12x1.5,M14x1.5
power_steering_fluid|volume_l:0.5,1
drive_shaft|length_mm:450-980
cv_joint|splines:22-36
clutch_kit|diameter_mm:180-260
clutch_disc|diameter_mm:180-260;splines:14-28
transmission_fluid|spec:ATF-6,ATF-8,CVT,DCT;volume_l:1,4
gear_oil|viscosity:75W-90,80W-90,75W-85;volume_l:1,2
head_gasket|thickness_mm:0.6-1.6
drain_plug|thread:M12x1.25,M14x1.5,M12x1.5
crank_seal|inner_mm:32-95
piston_ring|bore_mm:70-98
piston|bore_mm:70-98
throttle_body|bore_mm:44-70
fuel_injector|flow_cc:150-420
fuel_pump|pressure_bar:3-6
oxygen_sensor|length_mm:280-900
tpms_sensor|frequency_mhz:315,433
tailgate_strut|force_n:150-620
floor_mat|material:TPE,leather,carpet
seat_cover|material:leather,linen,ice silk
steering_wheel_cover|diameter_mm:360,380,400
key_battery|code:CR2032,CR2025,CR1632
tyre|size:175/65R14,185/60R15,195/65R15,205/55R16,215/60R16,225/45R18,225/55R18,235/50R18,255/45R19
wheel_rim|diameter_in:14,15,16,17,18,19;material:alloy,steel
tyre_valve|type:TR412,TR413,TR414
car_wax|volume_ml:200,300,500
car_shampoo|volume_ml:500,1000,2000
fuel_additive|volume_ml:60,80,150,300
throttle_cleaner|volume_ml:300,450
charging_cable|current_a:10,16,32
ev_reducer_oil|volume_l:1,2
"""
